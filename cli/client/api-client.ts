import type { ProviderView } from '../../infra/providers/registry.ts';
import type { VideoView } from '../../infra/views/video-view.ts';
import { CliError, EXIT } from './cli-error.ts';
import { readJson, send } from './http.ts';

/** Answer to an order. Amounts are dollars. */
export interface Accepted {
  video_id: string;
  position: number | null;
  estimated_cost: number;
  links: Links;
}

interface Links {
  temporal: string | null;
}

export type StatusAnswer = VideoView & { links: Links };

interface Problem {
  code?: string;
  detail?: string;
}

/** Orders a video. Throws a CliError: exit code 2 for an order that is refused, 1 for everything else. */
export async function submit(api: string, order: Record<string, unknown>): Promise<Accepted> {
  const answer = await send(new URL('/pipeline/queue', api), { method: 'POST', body: order });
  const body = await readJson(answer);
  if (answer.statusCode === 202) return body as Accepted;
  throw refusal(answer.statusCode ?? 0, (body ?? {}) as Problem, 'the order was refused');
}

/** What the database says about the video now. Throws a CliError when there is no such video. */
export async function readStatus(api: string, videoId: string): Promise<StatusAnswer> {
  const answer = await send(new URL(`/pipeline/status/${videoId}`, api));
  const body = await readJson(answer);
  if (answer.statusCode === 200) return body as StatusAnswer;
  throw refusal(answer.statusCode ?? 0, (body ?? {}) as Problem, `video ${videoId}`);
}

/** The services that videos depend on. None where the API does not say. */
export async function readProviders(api: string): Promise<ProviderView[]> {
  const answer = await send(new URL('/providers', api));
  const body = await readJson(answer);
  return answer.statusCode === 200 ? (body as ProviderView[]) : [];
}

/** Makes an ended video again. Throws a CliError that says why it cannot be. */
export async function retry(api: string, videoId: string): Promise<StatusAnswer> {
  const answer = await send(new URL(`/pipeline/videos/${videoId}/retry`, api), { method: 'POST', body: {} });
  const body = await readJson(answer);
  if (answer.statusCode === 200) return body as StatusAnswer;
  throw refusal(answer.statusCode ?? 0, (body ?? {}) as Problem, `video ${videoId}`);
}

/** A problem answer as a CliError. */
export function refusal(status: number, problem: Problem, what: string): CliError {
  const detail = problem.detail ?? `the API answered ${status}`;
  const code = status >= 400 && status < 500 && status !== 429 ? EXIT.badInput : EXIT.failed;
  return new CliError(code, `${what}: ${detail.replace(/\s+/g, ' ')}`);
}
