import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../../../cli/client/arguments.ts';
import { isCommand } from '../../../cli/commands/run-command.ts';
import { runKeysCommand } from '../../../cli/keys.ts';
import { STACK_USAGE } from '../../../cli/stack-command.ts';
import { QUEUES } from '../../../domain/stages.ts';
import { projectRoot } from '../../../infra/project-root.ts';
import { runToEnd } from '../command-line.ts';
import type { World } from './world.ts';

/** Commands that take minutes, or servers of their own, are held against what reads their words; the rest are run. */

type Check = (args: string[], world: World) => Promise<void> | void;

const CHECKS: Record<string, Check> = {
  video: (args) => {
    readArguments(args.map((arg) => arg.replace(/^<id>$/, '00000000-0000-4000-8000-000000000000')));
    takeFiles(args);
  },
  stack: ([action = '', ...more]) => {
    takeOnly([action, ...more.filter((arg) => arg.startsWith('--'))], wordsIn(STACK_USAGE));
  },
  worker: ([option, lanes = '']) => {
    takeOnly([option ?? ''], ['--lanes']);
    takeOnly(lanes.split(','), QUEUES);
  },
  bench: ([name = '', ...more]) => {
    takeOnly([name], namesIn('test/bench/main.ts', /^ {2}'?([\w-]+)'?: async/gm));
    takeOnly(
      more.filter((arg) => arg.startsWith('--')),
      wordsIn(source(`test/bench/${name}.ts`)),
    );
  },
  test: takeTests,
  'test:long': takeTests,
  doctor: (args) => takeOnly(args, ['--json']),
  voices: ([action = '']) => takeOnly([action], ['list', 'test']),
  ytempire: (args, world) => runYtempire(args, world),
};

/** `npm run NAME -- ARGS` or `npm test -- ARGS`. Throws for a script, a command or an option that is not there. */
export async function checkNpm([verb = '', ...rest]: string[], world: World): Promise<void> {
  const [name = '', ...more] = verb === 'run' ? rest.filter((word) => word !== '--silent') : [verb, ...rest];
  const { scripts } = JSON.parse(source('package.json'));
  if (!Object.hasOwn(scripts, name)) throw new Error(`package.json has no script ${name}`);
  const args = more.slice(more[0] === '--' ? 1 : 0).filter((arg) => !/^\[.*\]$/.test(arg));
  // A command that is only mentioned, or whose words stand for others.
  if (args.every((arg) => /^[A-Z]+$/.test(arg))) return;
  const check = CHECKS[name];
  if (check) await check(args, world);
  else throw new Error(`nothing is known of what ${name} takes`);
}

async function runYtempire([name = '', ...args]: string[], world: World): Promise<void> {
  if (name === 'keys') {
    const code = runKeysCommand(args, NOWHERE, NOWHERE);
    if (code !== 0) throw new Error(`keys ended with ${code}`);
    return;
  }
  if (!isCommand(name)) {
    takeOnly([name], namesIn('cli/main.ts', /^ {2}(?:async )?'?([\w:-]+)'?\(/gm));
    return;
  }
  const known = await Promise.all(
    args.map(async (arg) => (/^<(video_)?id>$/.test(arg) ? world.video(stateFor(name)) : arg)),
  );
  const { code, errors } = await runToEnd(world.api, [name, ...withoutAddress(known)]);
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${errors.join('\n')}`);
}

/** The API of the test takes the place of the one that is shown. */
function withoutAddress(args: readonly string[]): string[] {
  return args.filter(
    (arg, index) => !['--url', '--key'].includes(arg) && !['--url', '--key'].includes(args[index - 1] ?? ''),
  );
}

function stateFor(name: string) {
  if (name === 'retry') return 'failed';
  return ['cancel', 'change', 'pause', 'resume'].includes(name) ? 'open' : 'completed';
}

const NOWHERE = { write: () => true };

function takeTests(args: string[]): void {
  for (const [index, arg] of args.entries()) {
    if (arg === '--project') takeOnly([args[index + 1] ?? ''], ['unit', 'io', 'flow', 'e2e', 'long']);
    else if (args[index - 1] !== '--project' && !existsSync(join(projectRoot, arg)))
      throw new Error(`no test ${arg}`);
  }
}

/** What looks like a file of ours is one. */
function takeFiles(args: readonly string[]): void {
  const missing = args.filter((arg) => arg.startsWith('examples/') && !existsSync(join(projectRoot, arg)));
  if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`);
}

function takeOnly(given: readonly string[], known: readonly string[]): void {
  const unknown = given.filter((each) => !known.includes(each));
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')} is none of ${known.join(', ')}`);
}

function namesIn(file: string, pattern: RegExp): string[] {
  return [...source(file).matchAll(pattern)].map((match) => match[1] ?? '');
}

function wordsIn(text: string): string[] {
  return text.match(/(?:--)?[\w-]+/g)?.flatMap((word) => [word, `--${word}`]) ?? [];
}

function source(file: string): string {
  return readFileSync(join(projectRoot, file), 'utf8');
}
