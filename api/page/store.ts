/** Does something with what the browser keeps for this page; null where it keeps nothing, as if it had forgotten. */
export function store<T>(use: (all: Storage) => T): T | null {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
}
