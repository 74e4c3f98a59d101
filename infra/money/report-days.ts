/**
 * SQL of the moment at which a day began; `timeZone` is an IANA name that the configuration has checked. In a
 * subquery of its own, so that it is reckoned once and an index can be asked for it.
 */
export function startOfToday(timeZone: string): string {
  return `(SELECT ${midnight(`date_trunc('day', clock_timestamp() AT TIME ZONE '${timeZone}')`, timeZone)})`;
}

/** SQL of the moment at which the day of a local timestamp or date began. */
export function midnight(day: string, timeZone: string): string {
  return `(${day})::timestamp AT TIME ZONE '${timeZone}'`;
}
