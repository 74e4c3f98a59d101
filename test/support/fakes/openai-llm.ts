import type { LlmProvider } from '../../../activities/providers/llm.ts';
import { createOpenAiLlm } from '../../../activities/providers/llm-openai.ts';
import type { ScriptResult, Usage } from '../../../domain/results.ts';
import type { Order } from '../../../domain/video.ts';
import { anOrder } from '../test-deps.ts';
import { testPay } from '../test-pay.ts';
import type { FakeOpenAi } from './openai.ts';

/** The key that the fake of these tests takes. */
export const KEY = 'sk-test-0123456789abcdef';
export const SETTINGS = { key: 'OPENAI_API_KEY', model: 'OPENAI_MODEL', url: 'OPENAI_BASE_URL' };
export const TOPIC = anOrder({ prompt: 'Why the deep sea glows', duration: 60 });
/** Units of the ledger rows of one answer. */
export const ANSWER_UNITS = ['prompt_token', 'cached_prompt_token', 'completion_token'];

interface Overrides {
  apiKey?: string;
  model?: string;
  timeoutMs?: number;
  baseUrl?: string;
}

/** The real provider on the fake, at the real one's prices. */
export function openAiOn(fake: FakeOpenAi, overrides: Overrides = {}): LlmProvider {
  const account = { baseUrl: fake.url, apiKey: KEY, model: 'gpt-4o-mini', settings: SETTINGS, ...overrides };
  return createOpenAiLlm(account);
}

export interface Written {
  script: ScriptResult | null;
  failure: Error & { kind?: string; retryAfterMs?: number };
  charges: Usage[];
}

/** Lets a writer write, and keeps what was charged however it ended. */
export async function writeWith(
  llm: LlmProvider,
  order: Order = TOPIC,
  signal = new AbortController().signal,
): Promise<Written> {
  const charges: Usage[] = [];
  const context = { signal, pay: testPay(charges) };
  return llm.write(order, context).then(
    ({ script, usage }) => ({ script, failure: new Error('none'), charges: [...charges, ...usage] }),
    (failure: Error) => ({ script: null, failure, charges }),
  );
}

export function unitsOf(charges: readonly Usage[]): string[] {
  return charges.map(({ unit }) => unit);
}
