import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import { retry as retryVideo } from '../client/api-client.ts';
import { badInput } from '../client/cli-error.ts';
import { didYouMean } from '../client/nearest.ts';
import { type Command, isOn, textOf } from './command.ts';
import { moveEach } from './move-each.ts';
import { resolveIds } from './video-ids.ts';
import { followVideo } from './watch.ts';

export const retry: Command = {
  usage: `Makes ended videos again, from the stage where they failed. Finished stages are neither done nor paid again.

  npm run ytempire -- retry ID... [--from-stage STAGE] [--wait]

  ID            an id, or the first 8 characters of it
  --from-stage  from this stage, whose results and later ones are dropped:
                ${STAGE_NAMES.slice(0, 3).join(', ')},
                ${STAGE_NAMES.slice(3).join(', ')}
  --wait        watch it to its end (one video)
`,
  options: { 'from-stage': { type: 'string' }, wait: { type: 'boolean' } },
  async run(input, session) {
    const stage = stageOf(textOf(input, 'from-stage'));
    const ids = await resolveIds(session, input.positionals);
    const startedMs = Date.now();
    if (!isOn(input, 'wait')) {
      const told = () => ({ text: 'is made again', done: true });
      return moveEach(session, ids, (id) => retryVideo(session.api, id, stage), told);
    }
    const [id = '', ...more] = ids;
    if (more.length > 0)
      throw badInput('--wait', 'waits for one video', 'retry several without it, then watch --all');
    const { links } = await retryVideo(session.api, id, stage);
    return followVideo(session, { videoId: id, temporal: links.temporal, startedMs, fromMs: startedMs });
  },
};

function stageOf(text: string | undefined): StageName | undefined {
  if (text === undefined || STAGE_NAMES.includes(text as StageName)) return text as StageName | undefined;
  const near = didYouMean(text, STAGE_NAMES);
  throw badInput(
    `--from-stage ${JSON.stringify(text.slice(0, 60))}`,
    `is no stage${near}`,
    `use ${STAGE_NAMES.join(', ')}`,
  );
}
