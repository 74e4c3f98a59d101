import { signal } from '@preact/signals';

/** True after the API has answered 401: the page then asks for a key, and keeps everything else as it is. */
export const keyNeeded = signal(false);
/** Grows with each sign-in, so that what failed without a key is asked for again. */
export const signIns = signal(0);

interface ProblemBody {
  code?: string;
  detail?: string;
  /** Of a 403: what the key may not do. */
  scope?: string;
  errors?: { field: string; message: string }[];
}

/** A refusal of the API, or no answer at all (status 0, code `unreachable`). `message` is for people. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;
  /** Messages by field of the body that was sent. */
  readonly fields: ReadonlyMap<string, string>;

  constructor(
    status: number,
    code: string,
    message: string,
    fields: ReadonlyMap<string, string> = new Map(),
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Calls the API that served this page; null where it has nothing to answer. Throws an ApiError, also where nothing answers; rethrows an abort. */
export async function call<T>(
  path: string,
  { method = 'GET', body, headers, signal: stop }: Call = {},
): Promise<T> {
  const json = method === 'GET' ? {} : { 'content-type': 'application/json' };
  const init: RequestInit = { method, headers: { accept: 'application/json', ...json, ...headers } };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (stop) init.signal = stop;
  const asked = signIns.peek();
  const answer = await fetch(path, init).catch((error: unknown) => {
    if (stop?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'The API does not answer. Nothing was lost; it is tried again.');
  });
  if (!answer.ok) throw await refusalOf(answer, asked);
  return (answer.status === 204 ? null : await answer.json()) as T;
}

/**
 * The error that a refused answer is, with what it says; notes that a key is needed, unless one was given since it
 * was `asked` (a count of sign-ins).
 */
export async function refusalOf(answer: Response, asked: number): Promise<ApiError> {
  const problem = (await answer.json().catch(() => ({}))) as ProblemBody;
  const code = problem.code ?? `http_${answer.status}`;
  const isNews = answer.status === 401 && asked === signIns.peek();
  if (isNews && !answer.url.endsWith('/session')) keyNeeded.value = true;
  const fields = new Map((problem.errors ?? []).map(({ field, message }) => [field, message]));
  return new ApiError(answer.status, code, messageOf(answer.status, problem), fields);
}

function messageOf(status: number, { code, detail, scope }: ProblemBody): string {
  if (code === 'scope_missing') {
    return `Your key may not do this: it lacks the scope "${scope}". Sign in with a key that has it.`;
  }
  return detail ?? `The API answered ${status}.`;
}

/** What to show of anything that was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
