import { resolve } from 'node:path';
import { readEnv } from '../infra/settings/env.ts';

/** What every npm script runs once the set-up is done: one command, its arguments, an exit code. */

const USAGE =
  'Commands: video, up, api, worker, stack, doctor, voices, ytempire, mcp, test, test:long, bench, chaos. For example: npm run video -- "Why the deep sea glows"';

type Command = (args: string[], dataDir: string) => Promise<number>;

/** Each is loaded when it is run, so that a short command starts fast. */
const COMMANDS: Record<string, Command> = {
  async video(args, dataDir) {
    const [{ runVideo }, { stackOf }, { useKey }] = await Promise.all([
      import('./video.ts'),
      import('./stack.ts'),
      import('./client/http.ts'),
    ]);
    useKey(readEnv().API_KEY);
    return runVideo(args, stackOf(dataDir));
  },
  async up(_args, dataDir) {
    const { holdStack } = await import('./up.ts');
    return holdStack(dataDir);
  },
  async stack(args, dataDir) {
    const { runStackCommand } = await import('./stack-command.ts');
    return runStackCommand(args, dataDir);
  },
  async test(args) {
    const { runTests } = await import('./test.ts');
    return runTests(args);
  },
  async 'test:long'(args) {
    const { runLongTests } = await import('./test.ts');
    return runLongTests(args);
  },
  async bench(args) {
    const { runBuilt } = await import('./run-built.ts');
    return runBuilt('bench', args);
  },
  async chaos(args) {
    const { runBuilt } = await import('./run-built.ts');
    return runBuilt('chaos', args);
  },
  async doctor(args, dataDir) {
    const { runDoctor } = await import('./doctor.ts');
    return runDoctor(args, readEnv(), dataDir);
  },
  async voices(args, dataDir) {
    const { runVoices } = await import('./voices.ts');
    return runVoices(args, readEnv(), dataDir);
  },
  async 'env-example'() {
    const { writeEnvExample } = await import('./env-example.ts');
    return writeEnvExample();
  },
  async migrate() {
    const [{ migrate }, { readConfig }] = await Promise.all([
      import('../infra/stores/postgres.ts'),
      import('../infra/settings/config.ts'),
    ]);
    await migrate(readConfig(readEnv()));
    return 0;
  },
  async keys(args) {
    const { runKeysCommand } = await import('./keys.ts');
    return runKeysCommand(args);
  },
  async youtube(args, dataDir) {
    const [{ runYouTubeCommand }, { openDatabase }] = await Promise.all([
      import('./youtube.ts'),
      import('./open-database.ts'),
    ]);
    return runYouTubeCommand(args, () => openDatabase(dataDir));
  },
  async webhook(args) {
    const { runWebhookCommand } = await import('./webhook.ts');
    return runWebhookCommand(args, readEnv());
  },
  async mcp(args, dataDir) {
    const { runMcp } = await import('./mcp/serve.ts');
    return runMcp(args, { env: readEnv(), dataDir });
  },
  async ytempire([name, ...args], dataDir) {
    const { COMMANDS_USAGE, isCommand, runCommand: runRemote } = await import('./commands/run-command.ts');
    if (isCommand(name)) return runRemote(name, args, { env: readEnv(), dataDir });
    if (name !== undefined && name !== 'ytempire' && Object.hasOwn(COMMANDS, name)) {
      return runCommand([name, ...args], dataDir);
    }
    return explain(name, COMMANDS_USAGE);
  },
};

async function runCommand([name, ...args]: string[], dataDir: string): Promise<number> {
  const command = name && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command(args, dataDir);
  process.stderr.write(`${name ? `Unknown command "${name}". ` : ''}${USAGE}\n`);
  return 2;
}

/** The exit code of a command that is none: 0 for who asks for help. */
async function explain(name: string | undefined, usage: string): Promise<number> {
  const isHelp = name === undefined || name === '--help' || name === '-h' || name === 'help';
  if (isHelp) {
    process.stdout.write(usage);
    return name === undefined ? 2 : 0;
  }
  const [{ didYouMean }, { COMMAND_NAMES }] = await Promise.all([
    import('./client/nearest.ts'),
    import('./commands/run-command.ts'),
  ]);
  const hint = didYouMean(name, [...COMMAND_NAMES, ...Object.keys(COMMANDS)]);
  process.stderr.write(
    `Unknown command "${name.slice(0, 60)}"${hint || '.'} npm run ytempire -- --help lists them.\n`,
  );
  return 2;
}

async function main(): Promise<number> {
  try {
    return await runCommand(process.argv.slice(2), resolve(readEnv().DATA_DIR ?? '.data'));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

// A reader such as `head` may leave before the last line.
process.stdout.on('error', () => process.exit());

process.exitCode = await main();
