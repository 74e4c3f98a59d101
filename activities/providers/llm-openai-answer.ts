import { z } from 'zod';
import type { Tokens } from './llm-openai-usage.ts';

/** What the model said, before anybody has looked whether it is a script. */
export interface Answer {
  content: string;
  /** The model's own words when it will not do it. */
  refusal: string | null;
  /** True when the answer ended at max_tokens. */
  cut: boolean;
}

interface Read {
  answer: Answer;
  tokens: Tokens;
}

const MAX_REFUSAL_CHARS = 300;
const count = z.number().int().nonnegative();

const envelope = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
    })
    .nullish()
    .catch(null),
});

type Envelope = z.infer<typeof envelope>;

/**
 * Reads the body of a successful response. Whatever is in it, the call was paid: where the answer does not say
 * how many tokens it took, the most that it can have taken is counted.
 */
export function readAnswer(body: string, prompt: string, maxTokens: number): Read {
  const read = parse(body);
  const tokens = read?.usage ? reported(read.usage) : assumed(prompt, read, maxTokens);
  return { answer: read ? answerOf(read) : { content: body, refusal: null, cut: false }, tokens };
}

function parse(body: string): Envelope | null {
  try {
    return envelope.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

function answerOf({ choices }: Envelope): Answer {
  const { finish_reason: end, message } = choices[0] ?? { message: {} };
  const filtered = end === 'content_filter' ? 'its content filter stopped the answer' : null;
  const refusal = message.refusal?.replace(/\s+/g, ' ').trim().slice(0, MAX_REFUSAL_CHARS) || filtered;
  return { content: message.content ?? '', refusal, cut: end === 'length' };
}

function reported(usage: NonNullable<Envelope['usage']>): Tokens {
  const cached = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens);
  return { prompt: usage.prompt_tokens - cached, cached, completion: usage.completion_tokens };
}

/** A token is at least one byte. */
function assumed(prompt: string, read: Envelope | null, maxTokens: number): Tokens {
  const said = read?.choices[0]?.message.content;
  const completion = said ? Math.min(maxTokens, Buffer.byteLength(said)) : maxTokens;
  return { prompt: Buffer.byteLength(prompt), cached: 0, completion };
}
