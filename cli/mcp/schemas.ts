import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { accepted, dryRun, video, videoPage } from '../../api/openapi/answers.ts';
import { dayCosts, videoCosts } from '../../api/openapi/cost-answers.ts';
import { orderSchema } from '../../api/order-schema.ts';
import { dayQuery } from '../../api/routes/costs.ts';
import { videosQuery } from '../../api/routes/videos.ts';

/**
 * What goes into the tools and comes out of them, made from the schemas of the API. They describe and check nothing: the
 * API is the one that checks, so that its errors are the same by every way.
 */

type Arguments = Record<string, unknown>;
type Json = Record<string, unknown>;

const ID: Json = {
  type: 'string',
  minLength: 8,
  maxLength: 36,
  description: 'Id of the video, or at least its first 8 characters',
};

const REQUEST_KEY: Json = {
  type: 'string',
  minLength: 1,
  maxLength: 200,
  description:
    'The same key and order again order nothing new. Made from the order without it; give another one to order the same again',
};

const order = without(jsonOf(orderSchema, 'input'), 'dry_run');

export const INPUTS = {
  submit: described(withProperty(order, 'idempotency_key', REQUEST_KEY)),
  estimate: described(order),
  video: described({
    type: 'object',
    properties: { video_id: ID },
    required: ['video_id'],
    additionalProperties: false,
  }),
  list: described({ ...jsonOf(videosQuery, 'output'), required: [] }),
  day: described({ ...jsonOf(dayQuery, 'output'), required: [] }),
};

export const OUTPUTS = {
  submit: described(
    jsonOf(
      accepted.extend({ replayed: z.boolean().describe('It was ordered before; nothing new was') }),
      'output',
    ),
  ),
  estimate: described(jsonOf(dryRun, 'output')),
  video: described(jsonOf(video, 'output')),
  list: described(jsonOf(videoPage, 'output')),
  costs: described(jsonOf(videoCosts, 'output')),
  day: described(jsonOf(dayCosts, 'output')),
};

/** JSON Schema; what comes out may have more fields, since the API may be newer than this. */
function jsonOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const json = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      delete jsonSchema.id;
      if (io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  });
  return json as Json;
}

function without(json: Json, name: string): Json {
  const { [name]: _, ...properties } = json['properties'] as Json;
  return { ...json, properties };
}

function withProperty(json: Json, name: string, property: Json): Json {
  return { ...json, properties: { ...(json['properties'] as Json), [name]: property } };
}

function described(json: Json): StandardSchemaWithJSON<Arguments, Arguments> {
  return {
    '~standard': {
      version: 1,
      vendor: 'ytempire',
      validate: (value) => ({ value: (value ?? {}) as Arguments }),
      jsonSchema: { input: () => json, output: () => json },
    },
  };
}
