/**
 * Does the work for every item, at most `atOnce` at a time, started in order. After a failure or an abort nothing
 * new is started; what is under way ends first, since a call that was sent is paid. Throws the first failure.
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const failures: unknown[] = [];
  const lane = async () => {
    for (const [index, item] of queue) {
      if (failures.length > 0 || signal.aborted) return;
      await work(item, index).catch((error) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}
