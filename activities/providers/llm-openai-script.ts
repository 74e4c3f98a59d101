import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import type { Scene, ScriptResult } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import { oneLine } from '../text/clean-text.ts';
import type { Draft } from '../text/draft.ts';
import { dressScenes } from '../text/dress-scenes.ts';
import { describe, tagsFrom, videoTitle } from '../text/labels.ts';
import { plainWords } from '../text/markdown-inline.ts';
import { sizeScenes } from '../text/scene-size.ts';
import { boundWords, splitSentences } from '../text/sentences.ts';
import { shortenDrafts } from '../text/shorten-drafts.ts';
import { countWords } from '../text/words.ts';
import { labelsOf } from './llm-openai-labels.ts';
import { languageFault, writesSpaces } from './llm-openai-language.ts';

const shape = z.object({
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  scenes: z.array(
    z.object({
      heading: z.string(),
      narration: z.string(),
      on_screen: z.array(z.string()),
      search_words: z.array(z.string()),
    }),
  ),
});

type Shape = z.infer<typeof shape>;

/** Asks the service for this shape, strictly; servers that cannot promise it are checked all the same. */
export const RESPONSE_FORMAT = zodResponseFormat(shape, 'video_script');

/** `ratio`: words of the narration over those that were wanted; 1 where words cannot be counted. */
export type Written = { script: ScriptResult; ratio: number } | { fault: string };

/** What an answer is read for. `most`: sentences beyond so many words are left out. */
export interface Wanted {
  order: Order;
  words: number;
  most?: number;
}

const SEARCH_WORDS = 3;
const SAYS_SOMETHING = /[\p{L}\p{N}]/u;
/** A narration of less than this share of the wanted words is no answer to the order. */
const LEAST_SHARE = 1 / 3;
const FENCED = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/;

/** The model's words as a script with its cards, or what is wrong with them, in words that the model can act on. */
export function readScript(content: string, { order, words, most }: Wanted): Written {
  const answer = parse(content);
  if (typeof answer === 'string') return { fault: answer };
  const drafts = answer.scenes.map(draftOf).filter(({ sentences }) => sentences.length > 0);
  const narration = drafts.flatMap(({ sentences }) => sentences).join(' ');
  const countable = writesSpaces(order.language);
  const ratio = countable ? countWords(narration) / words : 1;
  const fault = lengthFault(narration, ratio, words) ?? languageFault(narration, order.language);
  if (fault !== null) return { fault };
  const kept = most !== undefined && countable ? shortenDrafts(drafts, most) : drafts;
  return { script: scriptOf(answer, kept, order), ratio };
}

function parse(content: string): Shape | string {
  let json: unknown;
  try {
    json = JSON.parse(FENCED.exec(content)?.[1] ?? content);
  } catch {
    return 'it is not valid JSON';
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'wrong shape' };
  return `it has the wrong shape (${path.map(String).join('.') || 'the whole'}: ${message})`;
}

function draftOf({ heading, narration, on_screen }: Shape['scenes'][number]): Draft {
  const shown = on_screen
    .map((line) => plainWords(oneLine(line)))
    .filter((line) => SAYS_SOMETHING.test(line));
  const sentences = splitSentences(plainWords(oneLine(narration)))
    .map(boundWords)
    .filter((sentence) => SAYS_SOMETHING.test(sentence));
  const single = shown.length === 1;
  return {
    heading: plainWords(oneLine(heading)) || null,
    sentences,
    bullets: single ? [] : shown,
    quote: (single && shown[0]) || null,
  };
}

function lengthFault(narration: string, ratio: number, words: number): string | null {
  if (!SAYS_SOMETHING.test(narration)) return 'it holds no narration';
  if (ratio >= LEAST_SHARE) return null;
  return `its narration is far too short: ${countWords(narration)} of about ${Math.round(words)} words`;
}

function scriptOf(answer: Shape, drafts: readonly Draft[], order: Order): ScriptResult {
  const narration = drafts.flatMap(({ sentences }) => sentences);
  const { titles: called, description, tags: named } = labelsOf(answer, narration, order);
  const titles = [order.title ?? '', ...called].map(videoTitle);
  const title = titles.find((candidate) => candidate !== '') ?? '';
  const tags = tagsFrom([...order.tags, ...order.keywords, ...named], '');
  const scenes = dressScenes(writesSpaces(order.language) ? sizeScenes(drafts) : drafts, {
    title,
    opening: '',
    subtitle: '',
    closing: '',
    mark: null,
    keywords: order.keywords,
  });
  return {
    title,
    description: describe(description, 'llm', order.language),
    tags,
    language: order.language,
    source: 'llm',
    scenes: withSearchWords(scenes, answer),
  };
}

/** Scenes were joined and split by length: each takes the model's words for the sentence that it starts with. */
function withSearchWords(scenes: readonly Scene[], answer: Shape): Scene[] {
  const words = new Map<string, string[]>();
  for (const scene of answer.scenes) {
    const own = [...new Set(scene.search_words.map(oneLine).filter(Boolean))].slice(0, SEARCH_WORDS);
    const fresh = draftOf(scene).sentences.filter((sentence) => own.length > 0 && !words.has(sentence));
    for (const sentence of fresh) words.set(sentence, own);
  }
  return scenes.map((scene) => ({
    ...scene,
    keywords: words.get(scene.sentences[0] ?? '') ?? scene.keywords,
  }));
}
