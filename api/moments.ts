import { z } from 'zod';

/** Postgres has no year 0, and nothing here is older than 2000. */
const YEAR = /^2\d{3}-/;
const YEARS = 'must be a year from 2000 to 2999';

/** A day as YYYY-MM-DD. */
export const day = z.iso.date({ abort: true }).refine((text) => YEAR.test(text), YEARS);

/** A time as ISO 8601, or a day. */
export const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be YYYY-MM-DD or a time as ISO 8601')
  .refine((text) => YEAR.test(text), YEARS);
