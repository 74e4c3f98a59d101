import { tokenUsage } from '../../activities/providers/llm-openai-usage.ts';
import { payeeOf } from '../../activities/providers/openai-account.ts';
import { speechUsage } from '../../activities/providers/speech-files.ts';
import type { Usage } from '../../domain/results.ts';
import { loadPrices, priceUsage } from '../../infra/money/prices.ts';
import type { Config } from '../../infra/settings/config.ts';
import type { Secrets } from '../../infra/settings/secrets.ts';
import { type Check, type Finding, fail, ok, reasonOf, warn } from './check.ts';
import type { Patient } from './patient.ts';

const CALL_MS = 5_000;

/** A server that is asked, and the names of the settings that lead to it. */
interface Service {
  url: string;
  key: string | null;
  keyName: string;
  urlName: string;
}

/** The services that cost money, each by one call that costs none, and the list of their prices. */
export function serviceChecks({ config, secrets }: Patient): Check[] {
  const prices = 'correct infra/prices.json, or PRICES_FILE';
  return [
    { name: 'prices', mend: prices, run: () => checkPrices(config) },
    {
      name: 'OpenAI',
      mend: 'check OPENAI_API_KEY and OPENAI_BASE_URL',
      run: () => checkChat(config, secrets),
    },
    { name: 'Pexels', mend: 'check PEXELS_API_KEY', run: () => checkPexels(config, secrets) },
  ];
}

/** A model without a price is refused when a video needs it: the video's budget could not be kept. */
function checkPrices({ pricesFile, providers }: Config): Finding {
  const list = loadPrices(pricesFile);
  for (const usage of usagesOf(providers)) {
    try {
      priceUsage(list, usage);
    } catch (error) {
      return fail(reasonOf(error), 'or name a model that is in it');
    }
  }
  return ok(`${list.entries.length} rows (${list.file})`);
}

/** Nothing of everything that the configured models are paid for. */
function usagesOf({ chat, speech, transcription }: Config['providers']): Usage[] {
  const seconds = { service: 'openai', operation: 'transcription', quantity: 0, unit: 'second' } as const;
  return [
    ...(chat ? tokenUsage(chat, { prompt: 0, cached: 0, completion: 0 }, true) : []),
    ...(speech ? [speechUsage([], payeeOf(speech.baseUrl), speech.model)] : []),
    ...(transcription
      ? [{ ...seconds, provider: payeeOf(transcription.baseUrl), model: transcription.model }]
      : []),
  ];
}

async function checkChat({ providers }: Config, secrets: Secrets): Promise<Finding> {
  if (!providers.chat) {
    return ok('no OPENAI_API_KEY, so scripts are written offline and cost nothing');
  }
  const { baseUrl, model } = providers.chat;
  const service: Service = {
    url: `${baseUrl.replace(/\/$/, '')}/models`,
    key: secrets.openai,
    keyName: 'OPENAI_API_KEY',
    urlName: 'OPENAI_BASE_URL',
  };
  const answer = await get(service, { authorization: `Bearer ${service.key ?? 'none'}` });
  if ('trouble' in answer) return answer.trouble;
  const offered = modelsIn(answer.body);
  const host = new URL(baseUrl).host;
  if (offered && !offered.includes(model)) {
    return fail(
      `${host} takes the key, but has no model "${model}"`,
      `set OPENAI_MODEL to one of its ${offered.length}`,
    );
  }
  return ok(`${host} answers${service.key ? ' and takes the key' : ''}; ${model} writes scripts`);
}

/** Speech over HTTP, as far as it can be asked without paying: many servers list no models. */
export async function checkSpeechServer(
  { baseUrl, model, voice }: NonNullable<Config['providers']['speech']>,
  { env, secrets }: Patient,
): Promise<Finding> {
  const service: Service = {
    url: `${baseUrl.replace(/\/$/, '')}/models`,
    key: secrets.speech,
    keyName: env.SPEECH_API_KEY ? 'SPEECH_API_KEY' : 'OPENAI_API_KEY',
    urlName: env.SPEECH_BASE_URL ? 'SPEECH_BASE_URL' : 'OPENAI_BASE_URL',
  };
  const answer = await get(service, { authorization: `Bearer ${service.key ?? 'none'}` });
  if ('trouble' in answer && answer.trouble.status === 'FAIL') return answer.trouble;
  return ok(`${new URL(baseUrl).host} answers; ${model} speaks as ${voice}`);
}

async function checkPexels({ providers }: Config, secrets: Secrets): Promise<Finding> {
  if (!providers.footage) return ok('no PEXELS_API_KEY, so motion cards are drawn instead of footage');
  const { baseUrl } = providers.footage;
  const service: Service = {
    url: `${baseUrl.replace(/\/$/, '')}/videos/search?query=sea&per_page=1`,
    key: secrets.pexels,
    keyName: 'PEXELS_API_KEY',
    urlName: 'PEXELS_BASE_URL',
  };
  const answer = await get(service, { authorization: service.key ?? '' });
  if ('trouble' in answer) return answer.trouble;
  const { videos } = (answer.body ?? {}) as { videos?: unknown };
  const { host } = new URL(baseUrl);
  if (!Array.isArray(videos))
    return fail(`${host} answers something else than videos`, `check ${service.urlName}`);
  return ok(`${host} answers and takes the key`);
}

type Answer = { body: unknown } | { trouble: Finding };

/** The JSON that the service answers, or what is wrong in words that hold no key. */
async function get(
  { url, key, keyName, urlName }: Service,
  headers: Record<string, string>,
): Promise<Answer> {
  const { host } = new URL(url);
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(CALL_MS) });
    const body: unknown = await answer.json().catch(() => null);
    if (answer.ok) return { body };
    return { trouble: refusal(answer.status, { host, key, keyName, urlName }) };
  } catch (error) {
    const why =
      (error as Error).name === 'TimeoutError' ? `no answer within ${CALL_MS / 1000} s` : reasonOf(error);
    return { trouble: fail(`${host} can't be reached (${why})`, `check the network and ${urlName}`) };
  }
}

function refusal(
  status: number,
  { host, key, keyName, urlName }: { host: string; key: string | null; keyName: string; urlName: string },
): Finding {
  if (status === 401 || status === 403) {
    const what = key === null ? 'wants a key' : 'refuses the key';
    return fail(`${host} ${what} (${status})`, `set ${keyName} in .env to a valid one`);
  }
  if (status === 429) return warn(`${host} wants fewer requests (429)`, 'wait, or look at your quota there');
  if (status === 404)
    return warn(`${host} has no such path (404)`, `check ${urlName}, which often ends in /v1`);
  return fail(`${host} answers ${status}`, `try later, or check ${urlName}`);
}

function modelsIn(body: unknown): string[] | null {
  const { data } = (body ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) return null;
  return data.flatMap((model: { id?: unknown }) => (typeof model?.id === 'string' ? [model.id] : []));
}
