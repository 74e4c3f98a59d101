import { parseArgs } from 'node:util';
import { newApiKey, SCOPES } from '../infra/settings/api-keys.ts';

const USAGE = `Makes a key for the API.

  npm run ytempire -- keys new --name NAME --scopes ${SCOPES.join('+')}

  submit   order videos
  read     look at videos, streams, costs, files
  control  cancel, pause, retry, halt

Exit code: 0 made, 2 bad input.
`;

interface Output {
  write(text: string): unknown;
}

/** `keys new`: prints a fresh key, once, and the entry by which the API knows it. Exit code 0, or 2 for bad input. */
export function runKeysCommand(
  args: string[],
  out: Output = process.stdout,
  err: Output = process.stderr,
): number {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      out.write(USAGE);
      return 0;
    }
    if (positionals.join(' ') !== 'new' || values.name === undefined || values.scopes === undefined) {
      err.write(USAGE);
      return 2;
    }
    out.write(report(newApiKey(values.name, values.scopes)));
    return 0;
  } catch (error) {
    err.write(`${(error as Error).message}\n`);
    return 2;
  }
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      scopes: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function report({ key, entry }: { key: string; entry: string }): string {
  return [
    'The key. It is shown this once and stored nowhere:',
    '',
    `  ${key}`,
    '',
    'For the API, in the environment or .env; join it to other entries with a comma, and start the API again:',
    '',
    `  API_KEYS=${entry}`,
    '',
    'A client sends it as "Authorization: Bearer KEY". Take its entry away to revoke it.',
    '',
  ].join('\n');
}
