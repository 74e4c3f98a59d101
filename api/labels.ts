import { z } from 'zod';
import { MAX_LABEL_CHARS } from '../domain/order-limits.ts';

/** A name in a query, a path or a body: one line. Postgres takes no NUL in a text, nor half a surrogate pair. */
export const label = z
  .string()
  .min(1)
  .max(MAX_LABEL_CHARS)
  .regex(/^[^\p{Cc}\p{Surrogate}]*$/u, 'must be one line of text');
