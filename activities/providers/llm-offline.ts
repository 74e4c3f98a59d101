import { StageError } from '../../domain/errors.ts';
import type { Scene, ScriptResult, ScriptSource, Usage } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import { isOwnLanguage } from '../../infra/text/languages.ts';
import { oneLine } from '../text/clean-text.ts';
import { type Draft, WORDS_PER_SECOND } from '../text/draft.ts';
import { draftArticle } from '../text/draft-article.ts';
import { draftOutline } from '../text/draft-outline.ts';
import { draftScript } from '../text/draft-script.ts';
import { type CardStyle, dressScenes } from '../text/dress-scenes.ts';
import { groundedWords, groundOf } from '../text/grounding.ts';
import { describe, tagsFrom, titleFrom, videoTitle } from '../text/labels.ts';
import type { LlmProvider } from './llm.ts';

interface Source {
  kind: ScriptSource;
  title: string | null;
  drafts: Draft[];
  whole: boolean;
}

/** For a text whose every candidate is made of signs that a title can't hold. */
const UNTITLED = 'Untitled';

const USAGE: Usage = {
  service: 'openai',
  operation: 'script',
  provider: 'offline',
  model: 'extractive',
  quantity: 1,
  unit: 'video',
};

/** A writer that needs no network: it takes sentences from what the order holds, and invents none. */
export function createOfflineLlm(): LlmProvider {
  return {
    name: 'offline',
    write: async (order, { signal, wordsPerSecond = WORDS_PER_SECOND }) => {
      signal.throwIfAborted();
      return { script: writeScript(order, order.duration * wordsPerSecond), usage: [USAGE] };
    },
  };
}

function writeScript(order: Order, words: number): ScriptResult {
  const source = readSource(order, words);
  const first = source.drafts[0]?.sentences[0];
  if (first === undefined) {
    throw new StageError('invalid_input', `the ${source.kind} holds no sentence that could be spoken`);
  }
  const titles = [order.title ?? '', source.title ?? '', titleFrom(first)].map(videoTitle);
  const title = titles.find((candidate) => candidate !== '') ?? UNTITLED;
  const scenes = dressScenes(source.drafts, cardStyle(source, title, order));
  return {
    title,
    description: describe(lead(scenes), source.kind, order.language),
    tags: tagsFrom([...order.tags, ...order.keywords, title], `${title} ${tellingText(source, order)}`),
    language: order.language,
    source: source.kind,
    ...(source.whole && { whole: true }),
    scenes,
  };
}

/** The words that tags may be taken from: of an article those alone that it uses for its subject. */
function tellingText({ kind, drafts }: Source, order: Order): string {
  if (kind === 'outline') return '';
  const text = drafts.flatMap(({ heading, sentences }) => [heading ?? '', ...sentences]).join(' ');
  return order.article === undefined ? text : groundedWords(text, groundOf(order.article, order));
}

function readSource(order: Order, words: number): Source {
  if (order.script !== undefined) return { kind: 'script', whole: true, ...draftScript(order.script) };
  if (order.article !== undefined)
    return { kind: 'article', ...draftArticle(order.article, words, order.language) };
  return readTopic(order, words);
}

/** The outline is English: a topic in another language is refused, as its order is where no language model is set up. */
function readTopic({ prompt = '', language }: Order, words: number): Source {
  if (!isOwnLanguage(language)) {
    const fix = 'set OPENAI_API_KEY or OPENAI_BASE_URL, or send an article or a script';
    throw new StageError('invalid_input', `nothing here writes "${language}" from a prompt: ${fix}`);
  }
  const topic = oneLine(prompt);
  if (!/[\p{L}\p{N}]/u.test(topic)) throw new StageError('invalid_input', 'the topic is empty');
  return { kind: 'outline', title: topic, ...draftOutline(topic, words) };
}

function cardStyle(source: Source, title: string, order: Order): CardStyle {
  const outline = source.kind === 'outline';
  return {
    title,
    // A row of search words says nothing: the title stands alone.
    opening: outline ? 'Outline' : '',
    subtitle: outline ? 'An outline from the topic alone. It states no facts.' : '',
    closing: outline ? 'Outline only: nothing here was researched.' : thanks(order.language),
    mark: outline ? 'Outline' : null,
    keywords: order.keywords,
  };
}

function thanks(language: string): string {
  return isOwnLanguage(language) ? 'Thank you for watching' : '';
}

function lead(scenes: readonly Scene[]): string {
  return scenes[0]?.sentences.join(' ') ?? '';
}
