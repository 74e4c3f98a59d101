import type { Env } from '../../infra/settings/env.ts';
import { EXIT } from '../client/cli-error.ts';
import { useKey } from '../client/http.ts';
import { type Options, parseOptions } from '../client/options.ts';
import { reportErrors } from '../client/report-errors.ts';
import { apiAddress } from '../client/target.ts';
import { processTerminal, type Terminal } from '../client/terminal.ts';
import { type Command, type Input, isOn, textOf } from './command.ts';

/** Each is loaded when it is run. */
const COMMANDS = {
  submit: async () => (await import('./submit.ts')).submit,
  list: async () => (await import('./list.ts')).list,
  watch: async () => (await import('./watch.ts')).watch,
  status: async () => (await import('./status.ts')).status,
  cancel: async () => (await import('./cancel.ts')).cancel,
  retry: async () => (await import('./retry.ts')).retry,
  change: async () => (await import('./change.ts')).change,
  publish: async () => (await import('./publish.ts')).publish,
  delete: async () => (await import('./delete.ts')).deleteVideos,
  pause: async () => (await import('./moves.ts')).pause,
  resume: async () => (await import('./moves.ts')).resume,
  halt: async () => (await import('./halt.ts')).halt,
  costs: async () => (await import('./costs.ts')).costs,
  resources: async () => (await import('./resources.ts')).resources,
} satisfies Record<string, () => Promise<Command>>;

type CommandName = keyof typeof COMMANDS;

const SHARED = {
  url: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const SHARED_USAGE = `
  --url URL     address of the API (the running stack, else API_HOST and API_PORT)
  --key KEY     key for it (API_KEY in the environment or .env, which no process list shows)
  --json        for scripts: one JSON document, or one object per line where it follows something
  --help        this text

Exit code: 0 done or completed, 1 failed, cancelled or not possible as things stand, 2 bad input,
3 waits for what only the operator can mend, or the API does not answer, 130 stopped watching.
`;

/** One line each, in the order in which they are used. */
export const COMMANDS_USAGE = `Commands that speak to the API, here or elsewhere (--url URL --key KEY):

  submit      order a video, or a file of them
  list        videos, newest first
  watch       follow a video to its end, or all of them
  status      one video in full
  cancel      cancel videos
  retry       make ended videos again
  change      another priority or most cost
  publish     send completed videos to YouTube
  delete      take ended videos away, with their files
  pause       pause videos, or all production
  resume      let them go on
  halt        cancel every open video and pause production
  costs       what a video or a day has cost
  resources   lanes, machines and who works on what

Each explains itself with --help. Commands of this machine: keys, youtube, webhook, env-example.
`;

export function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMANDS, name);
}

export const COMMAND_NAMES = Object.keys(COMMANDS);

/** Where a command runs. */
export interface Place {
  env: Pick<Env, 'API_HOST' | 'API_PORT' | 'API_KEY'>;
  dataDir: string;
}

/** `npm run ytempire -- NAME …`; answers the exit code. */
export function runCommand(
  name: CommandName,
  argv: readonly string[],
  { env, dataDir }: Place,
  terminal: Terminal = processTerminal(),
): Promise<number> {
  return reportErrors(terminal, async () => {
    const command = await COMMANDS[name]();
    const options: Options = { ...command.options, ...SHARED };
    const input = parseOptions(argv, options, `npm run ytempire -- ${name} --help`) as Input;
    if (isOn(input, 'help')) {
      terminal.write(command.usage + SHARED_USAGE);
      return EXIT.completed;
    }
    const locate = () => apiAddress(textOf(input, 'url'), env, dataDir);
    useKey(textOf(input, 'key') ?? env.API_KEY);
    return command.run(input, { terminal, json: isOn(input, 'json'), api: locate(), locate });
  });
}
