import { parseArgs } from 'node:util';
import { createLogger } from '../../infra/logger.ts';
import { runChaos } from './run.ts';

const LIMIT_MS = 14 * 60_000;

/** `npm run chaos -- [--seed S] [--videos 12] [--kills 30] [--seconds 20]`; ends with one JSON line. */
async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(Date.now()) },
      videos: { type: 'string', default: '12' },
      kills: { type: 'string', default: '30' },
      seconds: { type: 'string', default: '20' },
    },
  });
  const [videos, kills, seconds] = [values.videos, values.kills, values.seconds].map(Number);
  console.log(`seed ${values.seed}: ${videos} videos of ${seconds} s, ${kills} kills`);
  const report = await runChaos({
    seed: values.seed,
    videos: videos ?? 0,
    kills: kills ?? 0,
    seconds: seconds ?? 0,
    limitMs: LIMIT_MS,
  });
  for (const { ok, name, detail } of report.checks)
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}: ${detail}`);
  if (report.checks.some(({ ok }) => !ok)) process.exitCode = 1;
  console.log(JSON.stringify(report));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  createLogger('error', 'chaos').error({ err: error }, 'the chaos run failed');
  process.exitCode = 1;
});
