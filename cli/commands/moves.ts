import { ask, moveVideo } from '../client/api-client.ts';
import { EXIT } from '../client/cli-error.ts';
import { jsonLine } from '../client/format.ts';
import type { Command, Session } from './command.ts';
import { moveEach } from './move-each.ts';
import { resolveIds } from './video-ids.ts';

export const pause: Command = {
  usage: `Pauses videos, or all production.

  npm run ytempire -- pause         running stages finish, nothing new starts, orders are taken and wait
  npm run ytempire -- pause ID...   these give their place back at their next border

  ID            an id, or the first 8 characters of it
`,
  options: {},
  run: ({ positionals }, session) => move(session, 'pause', positionals, 'is paused'),
};

export const resume: Command = {
  usage: `Lets paused videos go on, or all production after a pause or a halt.

  npm run ytempire -- resume        videos that were paused alone stay paused
  npm run ytempire -- resume ID...  these are admitted again

  ID            an id, or the first 8 characters of it
`,
  options: {},
  run: ({ positionals }, session) => move(session, 'resume', positionals, 'goes on'),
};

async function move(
  session: Session,
  name: 'pause' | 'resume',
  given: string[],
  text: string,
): Promise<number> {
  if (given.length === 0) return movePipeline(session, `/pipeline/${name}`);
  const ids = await resolveIds(session, given);
  return moveEach(
    session,
    ids,
    (id) => moveVideo(session.api, id, name),
    () => ({ text, done: true }),
  );
}

/** A move of the whole pipeline; shows what it is now. */
export async function movePipeline({ api, json, terminal }: Session, path: string): Promise<number> {
  const { body } = await ask<{ status: string; message: string }>(api, path, 'the pipeline', {
    method: 'POST',
    body: {},
  });
  terminal.write(json ? jsonLine(body) : `The pipeline is ${body.status}. ${body.message}\n`);
  return EXIT.completed;
}
