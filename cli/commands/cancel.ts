import { isFinal } from '../../domain/video.ts';
import { moveVideo, Refusal, readStatus, type StatusAnswer } from '../client/api-client.ts';
import { watchVideo } from '../client/event-feed.ts';
import { type Command, isOn, rejoin, type Session } from './command.ts';
import { moveEach } from './move-each.ts';
import { resolveIds } from './video-ids.ts';

export const cancel: Command = {
  usage: `Cancels videos. What runs is told to stop; the money that is spent stays spent.

  npm run ytempire -- cancel ID... [--wait]

  ID            an id, or the first 8 characters of it; several are cancelled one by one
  --wait        until each has ended
`,
  options: { wait: { type: 'boolean' } },
  async run(input, session) {
    const ids = await resolveIds(session, input.positionals);
    const ask = (id: string) => moveVideo(session.api, id, 'cancel');
    if (!isOn(input, 'wait')) return moveEach(session, ids, ask, told);
    // All are told to stop before the first is waited for. Asking again is the same, and tells of a refusal.
    for (const id of ids) await ask(id).catch(passRefusal);
    const askAndWait = async (id: string) => {
      await ask(id);
      return endOf(session, id);
    };
    return moveEach(session, ids, askAndWait, told);
  },
};

/** A video that has another end cannot be cancelled any more. */
function told({ status }: StatusAnswer): { text: string; done: boolean } {
  if (!isFinal(status)) return { text: 'is being cancelled', done: true };
  return {
    text: status === 'cancelled' ? 'is cancelled' : `has ended as ${status}`,
    done: status === 'cancelled',
  };
}

function passRefusal(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

/** The video once it has ended, however long that takes. */
async function endOf(session: Session, videoId: string): Promise<StatusAnswer> {
  const source = {
    api: session.api,
    videoId,
    fromMs: 0,
    signal: new AbortController().signal,
    rejoin: (signal: AbortSignal) => rejoin(session, signal),
  };
  for await (const _item of watchVideo(source));
  return readStatus(source.api, videoId);
}
