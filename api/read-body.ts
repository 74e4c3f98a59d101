import type { Context } from 'hono';
import type { z } from 'zod';
import { ProblemError } from './errors.ts';

/** The body as JSON; throws a ProblemError `invalid_json`. */
export async function readJsonBody(context: Context): Promise<unknown> {
  const body = await context.req.arrayBuffer();
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new ProblemError(400, 'invalid_json', 'The body is not JSON as UTF-8.');
  }
}

/** The same of a call that needs no body: nothing is `{}`. */
export async function readOptionalBody(context: Context): Promise<unknown> {
  const { byteLength } = await context.req.arrayBuffer();
  return byteLength === 0 ? {} : readJsonBody(context);
}

/** The value as the schema has it; throws a ProblemError `invalid_request` that names every wrong field. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.') || 'body',
    message,
  }));
  throw invalidRequest(errors);
}

/** The refusal of a body or query whose fields are wrong. */
export function invalidRequest(errors: { field: string; message: string }[]): ProblemError {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new ProblemError(422, 'invalid_request', detail, { fields: { errors } });
}
