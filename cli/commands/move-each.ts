import { type Problem, Refusal } from '../client/api-client.ts';
import { EXIT } from '../client/cli-error.ts';
import { jsonLine } from '../client/format.ts';
import type { Session } from './command.ts';

type Told = { video_id: string; status: string } | { video_id: string; error: Problem };

/**
 * Moves videos one by one; one that is refused does not hold up the others. Exit code 1, or the one of the first
 * refusal, when not all could be moved. `told` says what became of a video, and whether that is what was asked for.
 */
export async function moveEach<Moved extends { status: string }>(
  { json, terminal }: Session,
  ids: readonly string[],
  move: (id: string) => Promise<Moved>,
  told: (view: Moved) => { text: string; done: boolean },
): Promise<number> {
  const moved: Told[] = [];
  let exitCode: number = EXIT.completed;
  for (const id of ids) {
    try {
      const view = await move(id);
      const { text, done } = told(view);
      moved.push({ video_id: id, status: view.status });
      if (!done) exitCode ||= EXIT.failed;
      if (!done) terminal.error(`video ${id} ${text}`);
      else if (!json) terminal.write(`video ${id} ${text}\n`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      moved.push({ video_id: id, error: error.problem });
      exitCode ||= error.exitCode;
      terminal.error(`error: ${error.message}`);
    }
  }
  if (json) terminal.write(jsonLine({ videos: moved }));
  return exitCode;
}
