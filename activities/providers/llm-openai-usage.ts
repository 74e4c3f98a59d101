import type { Usage } from '../../domain/results.ts';
import { type OpenAiAccount, payeeOf } from './openai-account.ts';

/** Tokens of one answer. `prompt` counts only those that were not read from the service's cache. */
export interface Tokens {
  prompt: number;
  cached: number;
  completion: number;
}

/** The tokens as lines of the bill; those of nothing are left out unless `all` is wanted. */
export function tokenUsage(
  account: Pick<OpenAiAccount, 'baseUrl' | 'model'>,
  tokens: Tokens,
  all = false,
): Usage[] {
  const bill = {
    service: 'openai',
    operation: 'script',
    provider: payeeOf(account.baseUrl),
    model: account.model,
  } as const;
  const lines: Usage[] = [
    { ...bill, quantity: tokens.prompt, unit: 'prompt_token' },
    { ...bill, quantity: tokens.cached, unit: 'cached_prompt_token' },
    { ...bill, quantity: tokens.completion, unit: 'completion_token' },
  ];
  return lines.filter(({ quantity }) => all || quantity > 0);
}

/** The most that an answer can take: a token is at least one byte. Every kind of token is named, so that each has a price. */
export function mostTokens(
  account: Pick<OpenAiAccount, 'baseUrl' | 'model'>,
  prompt: string,
  maxTokens: number,
): [Usage, ...Usage[]] {
  const tokens = { prompt: Buffer.byteLength(prompt), cached: 0, completion: maxTokens };
  return tokenUsage(account, tokens, true) as [Usage, ...Usage[]];
}
