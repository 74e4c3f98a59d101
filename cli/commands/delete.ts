import { deleteVideo } from '../client/api-client.ts';
import { EXIT } from '../client/cli-error.ts';
import { confirm } from '../client/confirm.ts';
import { type Command, isOn } from './command.ts';
import { moveEach } from './move-each.ts';
import { resolveIds } from './video-ids.ts';

export const deleteVideos: Command = {
  usage: `Takes ended videos away for good: order, script, results, files and events. What they cost stays in the ledger.

  npm run ytempire -- delete ID... [--yes]

  ID            an id, or the first 8 characters of it; cancel comes first for one that is open
  --yes         do not ask; needed where nobody can be asked
`,
  options: { yes: { type: 'boolean' } },
  async run(input, session) {
    const ids = await resolveIds(session, input.positionals);
    const what = ids.length === 1 ? `video ${ids[0]} and its files` : `${ids.length} videos and their files`;
    if (!(await confirm(session.terminal, `delete ${what} for good`, isOn(input, 'yes')))) {
      session.terminal.error('Nothing was deleted.');
      return EXIT.failed;
    }
    const take = async (id: string) => {
      await deleteVideo(session.api, id);
      return { status: 'deleted' };
    };
    return moveEach(session, ids, take, () => ({ text: 'is deleted', done: true }));
  },
};
