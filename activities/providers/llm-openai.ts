import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { StageError } from '../../domain/errors.ts';
import type { Order } from '../../domain/video.ts';
import type { LlmContext, LlmProvider } from './llm.ts';
import { type Answer, readAnswer } from './llm-openai-answer.ts';
import { messagesFor, repairMessages } from './llm-openai-prompt.ts';
import { RESPONSE_FORMAT, readScript, type Written } from './llm-openai-script.ts';
import { mostTokens, tokenUsage } from './llm-openai-usage.ts';
import { accountName, callOpenAi, type OpenAiAccount } from './openai-account.ts';

const TEMPERATURE = 0.7;
const TOKENS_PER_SECOND = 5;
const MIN_TOKENS = 1_500;

/** One order on its way through the model. */
interface Job {
  account: OpenAiAccount;
  order: Order;
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
    write: async (order, context) => ({ script: await write({ account, order, context }), usage: [] }),
  };
}

async function write(job: Job) {
  const { order, account } = job;
  const question = {
    messages: messagesFor(order),
    maxTokens: Math.max(MIN_TOKENS, Math.ceil(TOKENS_PER_SECOND * order.duration)),
  };
  const first = await ask(job, question);
  const written = read(first, order);
  if ('script' in written) return written.script;
  const second = read(await ask(job, repairOf(question, first, written.fault)), order);
  if ('script' in second) return second.script;
  throw new StageError(
    'invalid_response',
    `${accountName(account)} gave no usable script in two tries: first ${written.fault}, then ${second.fault}`,
  );
}

/** A cut answer gets more room and no lecture; every other fault is told to the model. */
function repairOf(question: Question, { content, cut }: Answer, fault: string): Question {
  if (cut) return { ...question, maxTokens: question.maxTokens * 2 };
  return { ...question, messages: repairMessages(question.messages, content, fault) };
}

function read(answer: Answer, order: Order): Written {
  if (answer.refusal !== null) {
    throw new StageError('invalid_input', `the model refused: ${answer.refusal}`);
  }
  return readContent(answer, order);
}

function readContent(answer: Answer, order: Order): Written {
  return answer.cut ? { fault: 'it was cut off at its length limit' } : readScript(answer.content, order);
}

function ask({ account, order, context }: Job, { messages, maxTokens }: Question): Promise<Answer> {
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
      const usable = answer.refusal === null && 'script' in readContent(answer, order);
      return { usage: tokenUsage(account, tokens), answer, keep: usable };
    },
  });
}
