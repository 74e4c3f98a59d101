import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { StageError } from '../../domain/errors.ts';
import type { ScriptResult } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import { WORDS_PER_SECOND } from '../text/draft.ts';
import type { LlmContext, LlmProvider } from './llm.ts';
import { type Answer, readAnswer } from './llm-openai-answer.ts';
import { messagesFor, repairMessages } from './llm-openai-prompt.ts';
import { RESPONSE_FORMAT, readScript, type Written } from './llm-openai-script.ts';
import { mostTokens, tokenUsage } from './llm-openai-usage.ts';
import { accountName, callOpenAi, type OpenAiAccount } from './openai-account.ts';

const TEMPERATURE = 0.7;
const TOKENS_PER_SECOND = 5;
const MIN_TOKENS = 1_500;

/** Narrations between these shares of the wanted words are brought to their time by the voice's pace. */
const SHORTEST = 0.85;
const LONGEST = 1.2;
/** What stays too long is cut to this share at the ends of its scenes. */
const CUT_TO = 1.1;

/** One order on its way through the model, for a narration of so many words. */
interface Job {
  account: OpenAiAccount;
  order: Order;
  words: number;
  context: LlmContext;
}

interface Question {
  messages: ChatCompletionMessageParam[];
  maxTokens: number;
}

/**
 * Scripts by OpenAI's chat, or any server that speaks its protocol. An answer of the wrong shape, length or
 * language is asked for once more. Each answer is paid for; a usable one is kept for later attempts.
 */
export function createOpenAiLlm(account: OpenAiAccount): LlmProvider {
  return {
    name: accountName(account),
    write: async (order, context) => {
      const words = order.duration * (context.wordsPerSecond ?? WORDS_PER_SECOND);
      return { script: await write({ account, order, words, context }), usage: [] };
    },
  };
}

async function write(job: Job): Promise<ScriptResult> {
  const { order, account, words } = job;
  const question = {
    messages: messagesFor(order, words),
    maxTokens: Math.max(MIN_TOKENS, Math.ceil(TOKENS_PER_SECOND * order.duration)),
  };
  const first = await ask(job, question);
  const written = read(first, job);
  if ('script' in written) return nearest(job, question, first, written.ratio);
  const second = await ask(job, repairOf(question, first, written.fault));
  const mended = read(second, job);
  if ('script' in mended) return cutToLength(second, job);
  throw new StageError(
    'invalid_response',
    `${accountName(account)} gave no usable script in two tries: first ${written.fault}, then ${mended.fault}`,
  );
}

/** A script that is much too long or too short is asked for once more, and of both the nearer one taken. */
async function nearest(job: Job, question: Question, first: Answer, ratio: number): Promise<ScriptResult> {
  const second = ratio >= SHORTEST && ratio <= LONGEST ? null : await askToFit(job, question, first, ratio);
  const fitted = second && read(second, job);
  const nearer = fitted && 'script' in fitted && Math.abs(fitted.ratio - 1) < Math.abs(ratio - 1);
  return cutToLength(nearer && second ? second : first, job);
}

/** Null when there is no answer, for want of money too: the first one will do. */
async function askToFit(job: Job, question: Question, first: Answer, ratio: number): Promise<Answer | null> {
  const { words, context } = job;
  const wish = ratio > 1 ? 'shorten it, but keep its first and its last sentence' : 'say more in it';
  const told = `its narration has ${ratio.toFixed(2)} times the ${Math.round(words)} words that are wanted: ${wish}`;
  try {
    const answer = await ask(job, repairOf(question, first, told));
    return answer.refusal === null ? answer : null;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof StageError)) throw error;
    return null;
  }
}

function cutToLength({ content }: Answer, { order, words }: Job): ScriptResult {
  const read = readScript(content, { order, words, most: words * CUT_TO });
  if ('script' in read) return read.script;
  throw new Error(`an answer that was usable is not any more: ${read.fault}`);
}

/** A cut answer gets more room and no lecture; every other fault is told to the model. */
function repairOf(question: Question, { content, cut }: Answer, fault: string): Question {
  if (cut) return { ...question, maxTokens: question.maxTokens * 2 };
  return { ...question, messages: repairMessages(question.messages, content, fault) };
}

function read(answer: Answer, job: Job): Written {
  if (answer.refusal !== null) {
    throw new StageError('invalid_input', `the model refused: ${answer.refusal}`);
  }
  return readContent(answer, job);
}

function readContent(answer: Answer, { order, words }: Job): Written {
  return answer.cut
    ? { fault: 'it was cut off at its length limit' }
    : readScript(answer.content, { order, words });
}

function ask(job: Job, { messages, maxTokens }: Question): Promise<Answer> {
  const { account, context } = job;
  const request = {
    model: account.model,
    messages,
    response_format: RESPONSE_FORMAT,
    temperature: TEMPERATURE,
    max_tokens: maxTokens,
  };
  const prompt = JSON.stringify([messages, RESPONSE_FORMAT]);
  return context.pay({
    kind: 'script',
    inputs: [account.baseUrl, request],
    most: mostTokens(account, prompt, maxTokens),
    shared: 'video',
    async send() {
      const { answer, tokens } = await callOpenAi(account, context.signal, async (client, options) => {
        // The package's own reading would lose the usage of an answer that it cannot read.
        const response = await client.chat.completions.create(request, options).asResponse();
        return readAnswer(await response.text(), prompt, maxTokens);
      });
      const usable = answer.refusal === null && 'script' in readContent(answer, job);
      return { usage: tokenUsage(account, tokens), answer, keep: usable };
    },
  });
}
