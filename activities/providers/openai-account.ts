import OpenAI from 'openai';
import { isLoopbackUrl } from '../../infra/settings/loopback.ts';
import { type CallSettings, mapOpenAiError } from './openai-errors.ts';

/** Longest that one call may take, its body included; the stage's own limit is longer. */
export const CALL_TIMEOUT_MS = 45_000;

const OPENAI_HOST = 'api.openai.com';

/** A server that speaks OpenAI's protocol, as one kind of call (chat, speech, transcription) sees it. */
export interface OpenAiAccount {
  baseUrl: string;
  apiKey: string | null;
  model: string;
  /** Names of the settings that an error message tells the operator to mend. */
  settings: CallSettings;
  /** Default {@link CALL_TIMEOUT_MS}. */
  timeoutMs?: number;
}

/**
 * Who is paid, as the price list knows it: `openai`; `loopback` for a server on this machine, free unless the list
 * says otherwise; `compatible` for any other server, whose prices the operator has to add.
 */
export function payeeOf(baseUrl: string): 'openai' | 'loopback' | 'compatible' {
  const { hostname } = new URL(baseUrl);
  if (hostname === OPENAI_HOST) return 'openai';
  return isLoopbackUrl(baseUrl) ? 'loopback' : 'compatible';
}

/** What the status shows: "openai gpt-4o-mini", "127.0.0.1:11434 llama3.1". */
export function accountName({ baseUrl, model }: OpenAiAccount): string {
  return `${payeeOf(baseUrl) === 'openai' ? 'openai' : new URL(baseUrl).host} ${model}`;
}

/**
 * One call, bounded in time. `send` gets the client and the signal that every request has to carry. Throws the
 * outer signal's reason when that aborts, a StageError for whatever the service did, and anything else (a
 * failing ledger) as it is.
 */
export async function callOpenAi<T>(
  account: OpenAiAccount,
  signal: AbortSignal,
  send: (client: OpenAI, options: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const timeoutMs = account.timeoutMs ?? CALL_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await send(clientOf(account), { signal: AbortSignal.any([signal, deadline]) });
  } catch (thrown) {
    signal.throwIfAborted();
    throw mapOpenAiError(thrown, account, deadline.aborted ? timeoutMs : null);
  }
}

/** Nothing is left to the package's own reading of the environment, and nothing is tried again behind our back. */
function clientOf({ baseUrl, apiKey }: OpenAiAccount): OpenAI {
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    logLevel: 'off',
    ...(apiKey === null && { defaultHeaders: { authorization: null } }),
  });
}
