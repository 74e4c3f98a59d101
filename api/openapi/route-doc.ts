import type { z } from 'zod';
import type { Scope } from '../../infra/settings/api-keys.ts';
import type { ProblemCode } from '../errors.ts';

interface Answer {
  description: string;
  /** Of the JSON body; a list of media types where the body is something else. */
  body?: z.ZodType | string[];
  /** The same is to be had as CSV. */
  table?: true;
}

/** One route: what mounts its guard and what the OpenAPI document says, so that neither exists without the other. */
export interface RouteDoc {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** As Hono writes it: `/pipeline/status/:id`. */
  path: string;
  /** What the caller's key must be allowed to do; `open` routes need no key. */
  scope: Scope | 'open';
  /** One line, imperative. */
  summary: string;
  /** More, as plain text. */
  description?: string;
  tag: 'Videos' | 'Pipeline' | 'Costs' | 'Analytics' | 'Access' | 'Health' | 'Page';
  body?: z.ZodType;
  /** Instead of JSON the body is a file, of one of these media types. */
  file?: readonly string[];
  query?: z.ZodObject;
  /** Request headers beside the usual ones, with what each is for. */
  headers?: Record<string, string>;
  /** By status, the successful ones. */
  answers: Record<number, Answer>;
  /** Codes that this route adds to those of its kind (see `problemsOf`). */
  problems?: ProblemCode[];
}

/** Every problem that the route may answer with, those of the guards included. */
export function problemsOf(route: RouteDoc): ProblemCode[] {
  const guarded: ProblemCode[] = ['key_required', 'key_unknown', 'scope_missing'];
  const changing: ProblemCode[] = [route.file ? 'media_type_required' : 'json_required', 'body_too_large'];
  return [
    ...(route.scope === 'open' ? [] : guarded),
    'foreign_host',
    'foreign_origin',
    ...(route.method === 'GET' ? [] : changing),
    ...(route.path === '/health' ? [] : (['rate_limited'] as const)),
    ...(route.path.includes('/:id') ? (['invalid_id', 'video_not_found'] as const) : []),
    ...(route.path.startsWith('/pipeline') && route.path.includes('/:id')
      ? (['video_deleted'] as const)
      : []),
    ...(route.problems ?? []),
    'internal',
    'database_away',
  ];
}
