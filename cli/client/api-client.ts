import type { z } from 'zod';
import type { accepted } from '../../api/openapi/answers.ts';
import type { ProviderView } from '../../infra/providers/registry.ts';
import type { VideoView } from '../../infra/views/video-view.ts';
import { CliError, EXIT } from './cli-error.ts';
import { type Call, readJson, send } from './http.ts';

/** Answer to an order. Amounts are dollars. */
export type Accepted = z.output<typeof accepted>;

export type StatusAnswer = VideoView & { links: Accepted['links'] };

/** What the API says of a call that it refuses (RFC 9457). */
export interface Problem {
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
}

/** The API answered, and it was no success. */
export class Refusal extends CliError {
  override name = 'Refusal';
  readonly problem: Problem;

  constructor(exitCode: number, message: string, problem: Problem) {
    super(exitCode, message);
    this.problem = problem;
  }
}

export interface Answer<T> {
  body: T;
  /** It is the answer that the same Idempotency-Key had before. */
  replayed: boolean;
}

const SILENCE_MS = 30_000;
const NO_CONTENT = 204;

/**
 * Asks the API for JSON, null where it has none to give; `what` begins the message when it refuses. Throws a {@link Refusal}, or a CliError of exit
 * code 3 when nobody answers.
 */
export async function ask<T>(api: string, path: string, what: string, call: Call = {}): Promise<Answer<T>> {
  const answer = await send(new URL(path, api), { silenceMs: SILENCE_MS, ...call }).catch((error) => {
    throw call.signal?.aborted ? error : away(api, error);
  });
  const body = await readJson(answer).catch((error) => {
    throw away(api, error);
  });
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) throw refusal(status, (body ?? {}) as Problem, what);
  if (body === null && status !== NO_CONTENT)
    throw new CliError(EXIT.badInput, `${api} does not answer as the API does; is it the right address?`);
  return { body: body as T, replayed: answer.headers['idempotent-replayed'] === 'true' };
}

/** Orders a video. */
export async function submit(api: string, order: Record<string, unknown>): Promise<Accepted> {
  const call: Call = { method: 'POST', body: order };
  return (await ask<Accepted>(api, '/pipeline/queue', 'the order was refused', call)).body;
}

/** What the database says about the video now. */
export async function readStatus(api: string, videoId: string): Promise<StatusAnswer> {
  return (await ask<StatusAnswer>(api, `/pipeline/status/${videoId}`, `video ${videoId}`)).body;
}

/** The services that videos depend on. None where the API does not say. */
export async function readProviders(api: string): Promise<ProviderView[]> {
  const answer = await send(new URL('/providers', api));
  const body = await readJson(answer);
  return answer.statusCode === 200 ? (body as ProviderView[]) : [];
}

/** Makes an ended video again, from the stage where it failed or from a named one. */
export async function retry(api: string, videoId: string, fromStage?: string): Promise<StatusAnswer> {
  const body = fromStage === undefined ? {} : { from_stage: fromStage };
  return moveVideo(api, videoId, 'retry', body);
}

/** One move of one video; answers the video as it is then. */
export async function moveVideo(
  api: string,
  videoId: string,
  move: 'cancel' | 'pause' | 'resume' | 'retry' | 'publish',
  body: Record<string, unknown> = {},
): Promise<StatusAnswer> {
  const path = `/pipeline/videos/${videoId}/${move}`;
  return (await ask<StatusAnswer>(api, path, `video ${videoId}`, { method: 'POST', body })).body;
}

/** Gives a video another priority or cap (dollars); answers the video as it is then. */
export async function changeVideo(
  api: string,
  videoId: string,
  body: { priority?: unknown; max_cost?: unknown },
): Promise<StatusAnswer> {
  const call: Call = { method: 'PATCH', body };
  return (await ask<StatusAnswer>(api, `/pipeline/videos/${videoId}`, `video ${videoId}`, call)).body;
}

/** Takes an ended video away for good, with its files. */
export async function deleteVideo(api: string, videoId: string): Promise<void> {
  const call: Call = { method: 'DELETE', body: {} };
  await ask<null>(api, `/pipeline/videos/${videoId}`, `video ${videoId}`, call);
}

/** A problem answer as an error of the command. */
export function refusal(status: number, problem: Problem, what: string): Refusal {
  const detail = (problem.detail ?? `the API answered ${status}`).replace(/\s+/g, ' ');
  const mend = status === 401 ? '; set API_KEY, or give --key' : '';
  return new Refusal(exitCodeOf(status), `${what}: ${detail}${mend}`, problem);
}

/** 409 and 410: the state of the video forbids it; 503: what the API stands on is away. */
function exitCodeOf(status: number): number {
  if (status === 503) return EXIT.operator;
  const askedWrongly = status >= 400 && status < 500 && ![409, 410, 429].includes(status);
  return askedWrongly ? EXIT.badInput : EXIT.failed;
}

function away(api: string, error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = `the API at ${api} does not answer (${code ?? message})`;
  return new CliError(EXIT.operator, `${why}; start it with npm run up, or name another with --url`, error);
}
