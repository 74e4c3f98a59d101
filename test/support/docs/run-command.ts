import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readEnv } from '../../../infra/settings/env.ts';
import { VARIABLES } from '../../../infra/settings/env-variables.ts';
import { callOf, send } from './call-api.ts';
import { checkNpm } from './npm.ts';
import { wordsOf } from './shell-words.ts';
import type { World } from './world.ts';

/** Programs of everybody's that the pages use, in a folder of the test. */
const SHELL = ['cp', 'chmod', 'echo'];

/** Tries a command of a page. Throws when it does not work, or when nobody knows how to try it. */
export async function runCommand(command: string, world: World): Promise<void> {
  const words = wordsOf(command);
  const settings = words.slice(
    0,
    words.findIndex((word) => !/^[A-Z][A-Z0-9_]*=/.test(word)),
  );
  takeSettings(settings);
  const [program = '', ...args] = words.slice(settings.length);
  if (program === 'npm') return checkNpm(args, world);
  if (program === 'curl') return send(world, callOf(args));
  if (program === 'temporal') return runTemporal(args, world);
  if (SHELL.includes(program)) return runShell(command, world);
  throw new Error(`nobody knows how to try "${program}": run it, or say in the fence why it is not run`);
}

function takeSettings(settings: readonly string[]): void {
  const pairs = settings.map((setting) => setting.split(/=(.*)/s, 2) as [string, string]);
  const unknown = pairs.filter(([name]) => !Object.hasOwn(VARIABLES, name));
  if (unknown.length > 0) throw new Error(`${unknown.map(([name]) => name).join(', ')} is no setting`);
  readEnv(Object.fromEntries(pairs));
}

/** The real program, on a workflow of the test's that runs. */
async function runTemporal(words: string[], world: World): Promise<void> {
  const { address, namespace } = world.pipeline.deps.config.temporal;
  const command = words.join(' ');
  const id = /<(video_)?id>/.test(command)
    ? await world.video(command.includes('publish-<') ? 'published' : 'open')
    : '';
  const args = words.map((word) => word.replace(/<(video_)?id>/, id));
  await promisify(execFile)(readEnv().TEMPORAL_CLI ?? 'temporal', [
    ...args,
    ...['--address', address, '--namespace', namespace],
  ]);
}

/** What it has written into `.env` has to be settings. */
async function runShell(command: string, { folder }: World): Promise<void> {
  await promisify(execFile)('sh', ['-ec', command], { cwd: folder });
  const lines = readIfThere(join(folder, '.env')).split('\n');
  takeSettings(lines.filter((line) => line !== '' && !line.startsWith('#')));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
