import { moveVideo, type StatusAnswer } from '../client/api-client.ts';
import { type Command, isOn, textOf } from './command.ts';
import { moveEach } from './move-each.ts';
import { resolveIds } from './video-ids.ts';

export const publish: Command = {
  usage: `Sends completed videos to the YouTube account of their channel, private, or tries again where that has failed.
An upload that was begun goes on where it was.

  npm run ytempire -- publish ID... [--publish-at TIME] [--upload-again]

  ID              an id, or the first 8 characters of it
  --publish-at    when YouTube makes it public, such as 2026-12-24T18:00:00Z; else as ordered, or private
  --upload-again  uploads anew what may have arrived already; look in the channel first
`,
  options: { 'publish-at': { type: 'string' }, 'upload-again': { type: 'boolean' } },
  async run(input, session) {
    const publishAt = textOf(input, 'publish-at');
    const body = {
      ...(publishAt !== undefined && { publish_at: publishAt }),
      ...(isOn(input, 'upload-again') && { upload_again: true }),
    };
    const ids = await resolveIds(session, input.positionals);
    return moveEach(session, ids, (id) => moveVideo(session.api, id, 'publish', body), told);
  },
};

/** The upload begins in the background, and status tells how far it is. */
function told({ publication }: StatusAnswer): { text: string; done: boolean } {
  const text = publication?.state === 'uploading' ? 'is being uploaded' : 'goes to YouTube';
  return { text, done: true };
}
