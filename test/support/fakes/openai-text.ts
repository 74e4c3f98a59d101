/** The part of a chat request that the fake looks at. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  max_tokens?: number;
  response_format?: { type: string; json_schema?: { strict?: boolean } };
}

interface CompletionOptions {
  refusal?: string;
  finishReason?: string;
}

/** Tokens that the fake calls cached, of every prompt that is longer. */
export const CACHED_TOKENS = 128;
const BYTES_PER_TOKEN = 4;

/** A chat completion as OpenAI writes it, with the tokens that it took. */
export function completionOf(request: ChatRequest, content: string, options: CompletionOptions): object {
  const { refusal, finishReason = 'stop' } = options;
  const prompt = Math.ceil(Buffer.byteLength(JSON.stringify(request.messages)) / BYTES_PER_TOKEN);
  const completion = Math.ceil(Buffer.byteLength(refusal ?? content) / BYTES_PER_TOKEN);
  const message = { role: 'assistant', content: refusal === undefined ? content : null };
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: request.model,
    choices: [{ index: 0, finish_reason: finishReason, message: { ...message, refusal: refusal ?? null } }],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: prompt > CACHED_TOKENS ? CACHED_TOKENS : 0 },
    },
  };
}

/** An answer to a script's prompt: as many scenes and words as it asks for; prose without a strict schema. */
export function chatAnswer({ messages, response_format }: ChatRequest): string {
  if (response_format?.type !== 'json_schema' || response_format.json_schema?.strict !== true) {
    return 'Here is the script that you asked for.';
  }
  const rules = messages[0]?.content ?? '';
  const wanted = Number(/about (\d+) words/.exec(rules)?.[1] ?? 60);
  const count = Number(/about (\d+) scenes/.exec(rules)?.[1] ?? 4);
  return JSON.stringify(
    scriptAnswer({ words: wanted, scenes: count, topic: topicOf(messages[1]?.content ?? '') }),
  );
}

interface Wanted {
  words: number;
  scenes: number;
  topic: string;
  /** Language of the narration; default English. */
  language?: keyof typeof SENTENCES;
}

const WORDS_PER_SENTENCE = 15.7;

/** Sentences of about sixteen words each, so that two make a scene. */
const SENTENCES = {
  en: [
    'Most of what we know about this comes from people who looked again and again.',
    'The picture that they found is larger and stranger than anyone had expected it to be.',
    'It changes slowly, and the signs of that change are there for all of us to see.',
    'What matters is not the single moment but the long line of moments that leads to it.',
    'Some of it can be measured, and some of it has to be seen with your own eyes.',
    'So the next time that you hear of it, remember how much is still to be found.',
  ],
  de: [
    'Das meiste, was wir darüber wissen, stammt von Menschen, die immer wieder hingesehen haben.',
    'Das Bild, das sie fanden, ist größer und seltsamer, als es irgendjemand erwartet hatte.',
    'Es verändert sich langsam, und die Zeichen dafür sind für uns alle zu sehen.',
    'Nicht der einzelne Augenblick zählt, sondern die lange Reihe, die zu ihm führt.',
    'Manches davon kann man messen, und manches muss man mit eigenen Augen sehen.',
    'Wenn du das nächste Mal davon hörst, denk daran, wie viel noch zu finden ist.',
  ],
};

/** A script in the shape that the product asks for. */
export function scriptAnswer({ words, scenes, topic, language = 'en' }: Wanted) {
  const sentences = SENTENCES[language];
  const wanted = Math.max(scenes, Math.round(words / WORDS_PER_SENTENCE));
  const from = (scene: number) => Math.floor((wanted * scene) / scenes);
  const narration = (scene: number) =>
    Array.from(
      { length: from(scene + 1) - from(scene) },
      (_, n) => sentences[(from(scene) + n) % sentences.length],
    );
  return {
    title: `What we know about ${topic}`,
    description: `A short look at ${topic}. It says what is known, and what is not.`,
    tags: [topic, 'science', 'explained'],
    scenes: Array.from({ length: scenes }, (_, scene) => ({
      heading: `Part ${scene + 1}`,
      narration: narration(scene).join(' '),
      on_screen: scene % 2 === 1 ? ['What is known', 'What is not'] : [],
      search_words: [`scene ${scene + 1} ocean`, 'waves at night'],
    })),
  };
}

/** The first words of the fenced material. */
function topicOf(message: string): string {
  const material = /"(?:topic|article)":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? 'the subject';
  const text = JSON.parse(`"${material}"`).replace(/[#*<>]/g, '');
  return text.trim().split(/\s+/).slice(0, 4).join(' ') || 'the subject';
}
