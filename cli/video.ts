import { readStatus, retry, submit } from './client/api-client.ts';
import { readArguments, type Source, USAGE, type VideoCommand } from './client/arguments.ts';
import { EXIT } from './client/cli-error.ts';
import { videoWords } from './client/failure-text.ts';
import { checkOutFolder } from './client/out-folder.ts';
import { readText } from './client/read-text.ts';
import { reportErrors } from './client/report-errors.ts';
import { processTerminal, type Terminal } from './client/terminal.ts';
import { watchToEnd } from './client/watch.ts';

/** Starts or joins the stack and tells where it is. */
export type StartStack = () => Promise<{ api: string; temporalUi: string | null }>;

/**
 * `npm run video`: orders a video over HTTP, shows how it is made and fetches the result. Answers the exit
 * code; what is wrong is one line on standard error. The stack is started only for a sound command line.
 */
export async function runVideo(
  argv: string[],
  stack: StartStack,
  terminal: Terminal = processTerminal(),
): Promise<number> {
  return reportErrors(terminal, () => run(argv, stack, terminal));
}

async function run(argv: string[], stack: StartStack, terminal: Terminal): Promise<number> {
  const command = readArguments(argv);
  if (command.kind === 'help') {
    terminal.write(USAGE);
    return EXIT.completed;
  }
  const text = command.kind === 'order' ? await textOf(command.source, terminal) : {};
  await checkOutFolder(command.out);
  const startedMs = Date.now();
  const { api, temporalUi } = await stack();
  const video = await openVideo(command, text, api, startedMs);
  const temporal = video.temporal ?? temporalUi;
  const rejoin = async () => (await stack()).api;
  const { out, json } = command;
  const words = videoWords(command.kind === 'order' ? argv : null);
  return watchToEnd({ ...video, api, temporal, out, json, rejoin, words }, terminal);
}

async function textOf(source: Source, terminal: Terminal): Promise<Record<string, string>> {
  if ('topic' in source) return { prompt: source.topic };
  if ('article' in source) return { article: await readText('article', source.article, terminal.stdin) };
  return { script: await readText('script', source.script, terminal.stdin) };
}

interface OpenVideo {
  videoId: string;
  temporal: string | null;
  startedMs: number;
  fromMs: number;
}

/** Orders a new video, or looks up the one to watch or to make again. */
async function openVideo(
  command: Exclude<VideoCommand, { kind: 'help' }>,
  text: Record<string, string>,
  api: string,
  startedMs: number,
): Promise<OpenVideo> {
  if (command.kind === 'order') {
    const { video_id, links } = await submit(api, { ...text, ...command.fields });
    return { videoId: video_id, temporal: links.temporal, startedMs, fromMs: 0 };
  }
  const view = await (command.kind === 'retry' ? retry : readStatus)(api, command.id);
  return {
    videoId: command.id,
    temporal: view.links.temporal,
    startedMs: command.kind === 'retry' ? startedMs : Date.parse(view.created_at),
    fromMs: command.kind === 'retry' ? startedMs : 0,
  };
}
