import { z } from 'zod';
import { ARTIFACT_NAMES } from '../../domain/video.ts';
import { PROBLEMS, type ProblemCode } from '../errors.ts';
import { problem } from './answers.ts';
import { problemsOf, type RouteDoc } from './route-doc.ts';
import { WEBHOOK_HEADERS, WEBHOOKS } from './webhooks.ts';

type Json = Record<string, unknown>;

const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** The OpenAPI 3.1 description of the given routes, made from the schemas that check their requests. */
export function openApiDocument(routes: readonly RouteDoc[]) {
  const schemas: Json = {};
  schemaOf(problem, schemas);
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'YTEMPIRE',
      version: '0.1.0',
      description: 'Order videos, follow them, and control their production. Amounts are US dollars.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    webhooks: webhooksOf(schemas),
    components: {
      schemas,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'Not needed where the API has no keys.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'ytempire_session',
          description: 'See POST /session.',
        },
      },
    },
  };
}

/** What a receiver outside is sent. */
function webhooksOf(schemas: Json): Json {
  const webhooks = Object.entries(WEBHOOKS).map(([name, { summary, body }]) => {
    const operation = {
      operationId: name,
      tags: ['webhooks'],
      summary,
      security: [],
      parameters: headersOf(WEBHOOK_HEADERS).map((header) => ({ ...header, required: true })),
      requestBody: { required: true, content: json(schemaOf(body, schemas)) },
      responses: { '2XX': { description: 'It has arrived; anything else is tried again' } },
    };
    return [name, { post: operation }];
  });
  return Object.fromEntries(webhooks);
}

function operationOf(route: RouteDoc, schemas: Json): Json {
  const { scope } = route;
  const content = contentOf(route, schemas);
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    'x-scope': scope,
    security: scope === 'open' ? [] : [{ key: [] }, { session: [] }],
    parameters: parametersOf(route),
    ...(content && { requestBody: { required: true, content } }),
    responses: { ...answersOf(route, schemas), ...refusalsOf(route) },
  };
}

function contentOf({ body, file }: RouteDoc, schemas: Json): Json | null {
  if (file) return Object.fromEntries(file.map((type) => [type, {}]));
  return body ? json(schemaOf(body, schemas)) : null;
}

/** `post /pipeline/queue` → `postPipelineQueue`: for the names of generated clients. */
function operationIdOf({ method, path }: RouteDoc): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words.map((word) => word[0]?.toUpperCase() + word.slice(1))].join('');
}

const PATH_PARAMETERS: Record<string, Json> = {
  id: { type: 'string', format: 'uuid' },
  name: { type: 'string', enum: ARTIFACT_NAMES },
};

function parametersOf(route: RouteDoc): Json[] {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: PATH_PARAMETERS[name] ?? { type: 'string' },
  }));
  return [...inPath, ...queryParametersOf(route), ...headersOf(route.headers ?? {})];
}

function headersOf(headers: Record<string, string>): Json[] {
  return Object.entries(headers).map(([name, description]) => {
    return { name, in: 'header', description, schema: { type: 'string' } };
  });
}

function queryParametersOf({ query }: RouteDoc): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query, {}) as {
    properties?: Json;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema };
  });
}

function answersOf(route: RouteDoc, schemas: Json): Json {
  const answers = Object.entries(route.answers).map(([status, { description, body, table }]) => {
    const types = Array.isArray(body) ? Object.fromEntries(body.map((type) => [type, {}])) : undefined;
    const content = Array.isArray(body) || !body ? types : json(schemaOf(body, schemas));
    if (table && content) Object.assign(content, { 'text/csv': {} });
    return [status, { description, ...(content && { content }) }];
  });
  return Object.fromEntries(answers);
}

/** One response per status; it lists the codes that come with it. */
function refusalsOf(route: RouteDoc): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(problemsOf(route))) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus].sort().map(([status, codes]) => {
    const description = codes.map((code) => `${code}: ${PROBLEMS[code].when}.`).join(' ');
    return [status, { description, content: { 'application/problem+json': { schema: PROBLEM } } }];
  });
  return Object.fromEntries(responses);
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

/** JSON Schema of what a client sends or gets. A named schema goes into `schemas`, and a reference comes back. */
function schemaOf(type: z.ZodType, schemas: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...schema
  } = z.toJSONSchema(type, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
  });
  for (const [name, definition] of Object.entries($defs)) schemas[name] = relinked(definition);
  return relinked(schema);
}

/** References point to the components of the document instead of the schema's own definitions. */
function relinked(schema: object): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
