/** A problem that the reader can solve: shown as its message alone, without a stack. */
export class SetupError extends Error {}

/** Set-up talks on standard error: standard output belongs to the command. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Seconds since `from` (performance.now()), for example "1.7 s". */
export function since(from) {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}

/** Runs `work` and prints `what` before it and the time after it; `work` may answer with a detail to add. */
export async function step(what, work) {
  const from = performance.now();
  say(`  ${what} ...`);
  const result = await work();
  say(`  ${what}: done in ${since(from)}`);
  return result;
}
