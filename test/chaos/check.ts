/** One promise, and what was found. */
export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** The first of what was found wrong, for the detail of a check. */
export function listOf(wrong: readonly unknown[]): string {
  return wrong.length === 0 ? '' : `; wrong: ${JSON.stringify(wrong.slice(0, 5))}`;
}
