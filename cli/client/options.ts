import { parseArgs } from 'node:util';
import { badInput } from './cli-error.ts';
import { didYouMean } from './nearest.ts';

/** Options of a command line, as node:util takes them. */
export type Options = Record<string, { type: 'string' | 'boolean'; short?: string }>;

/**
 * Reads a command line. Throws a CliError (exit code 2) that names what is wrong; of an unknown option it names the
 * nearest known one. `help` is the command that shows what there is.
 */
export function parseOptions<T extends Options>(args: readonly string[], options: T, help: string) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const [first = ''] = message.split(/\n|\. /);
    const unknown = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? /--?([^\s']+)/.exec(first)?.[1] : undefined;
    const hint = unknown === undefined ? '' : didYouMean(unknown, Object.keys(options), '--');
    throw badInput('bad command line', `${first}${hint}`, `see ${help}`);
  }
}
