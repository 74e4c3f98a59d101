import { readStatus } from '../client/api-client.ts';
import { badInput } from '../client/cli-error.ts';
import { watchToEnd } from '../client/watch.ts';
import { watchAll } from '../client/watch-all.ts';
import { type Command, isOn, rejoin, type Session, WORDS } from './command.ts';
import { resolveOne } from './video-ids.ts';

export const watch: Command = {
  usage: `Follows a video to its end, or everything that happens. Goes on by itself after a cut, where it was.
Ctrl-C stops watching; the video goes on.

  npm run ytempire -- watch ID      until its end; the exit code says how it ended
  npm run ytempire -- watch --all   all videos, from now on, until Ctrl-C

  ID            its id, or the first 8 characters of it
`,
  options: { all: { type: 'boolean' } },
  async run(input, session) {
    if (isOn(input, 'all')) {
      if (input.positionals.length > 0)
        throw badInput('an id and --all', 'cannot be given together', 'choose one');
      return watchAll({ ...session, rejoin: (signal) => rejoin(session, signal) }, session.terminal);
    }
    const id = await resolveOne(session, input.positionals);
    const { links, created_at } = await readStatus(session.api, id);
    return followVideo(session, {
      videoId: id,
      temporal: links.temporal,
      startedMs: Date.parse(created_at),
      fromMs: 0,
    });
  },
};

/** Shows a video until its end, whose files stay with the API; answers the exit code. */
export function followVideo(
  session: Session,
  video: { videoId: string; temporal: string | null; startedMs: number; fromMs: number },
): Promise<number> {
  const { api, json, terminal } = session;
  const source = {
    ...video,
    api,
    json,
    out: null,
    words: WORDS,
    rejoin: (signal: AbortSignal) => rejoin(session, signal),
  };
  return watchToEnd(source, terminal);
}
