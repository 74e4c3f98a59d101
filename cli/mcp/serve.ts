import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { EXIT } from '../client/cli-error.ts';
import { useKey } from '../client/http.ts';
import { parseOptions } from '../client/options.ts';
import { reportErrors } from '../client/report-errors.ts';
import { apiAddress } from '../client/target.ts';
import { processTerminal } from '../client/terminal.ts';
import type { Place } from '../commands/run-command.ts';
import { createMcpServer } from './tools.ts';

const USAGE = `Gives agents the tools to order and follow videos: a server of the Model Context Protocol on standard input and output.

  npm run --silent mcp [-- --url URL --key KEY]

  --url URL     address of the API (the running stack, else API_HOST and API_PORT)
  --key KEY     key for it (API_KEY in the environment or .env, which no process list shows)

docs/mcp.md has the lines for a client's configuration.
`;

const OPTIONS = {
  url: { type: 'string' },
  key: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `npm run mcp`: serves until standard input ends. Standard output carries the protocol and nothing else. */
export function runMcp(argv: readonly string[], { env, dataDir }: Place): Promise<number> {
  const terminal = processTerminal();
  return reportErrors(terminal, async () => {
    const { values } = parseOptions(argv, OPTIONS, 'npm run mcp -- --help');
    if (values.help) {
      terminal.write(USAGE);
      return EXIT.completed;
    }
    const locate = () => apiAddress(values.url, env, dataDir);
    locate();
    useKey(values.key ?? env.API_KEY);
    await servedUntilEnd(locate, (line) => terminal.error(line));
    return EXIT.completed;
  });
}

function servedUntilEnd(locate: () => string, log: (line: string) => void): Promise<void> {
  const ended = new Promise<void>((resolve) => process.stdin.once('close', resolve).once('end', resolve));
  serveStdio(() => createMcpServer(locate), { onerror: ({ message }) => log(`mcp: ${message}`) });
  return ended;
}
