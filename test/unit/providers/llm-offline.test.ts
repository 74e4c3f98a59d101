import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOfflineLlm } from '../../../activities/providers/llm-offline.ts';
import { MAX_SCENE_WORDS, MIN_SCENE_WORDS, WORDS_PER_SECOND } from '../../../activities/text/draft.ts';
import { MAX_FIGURE_CHARS } from '../../../activities/text/figures.ts';
import { MAX_WORD_CHARS } from '../../../activities/text/sentences.ts';
import { countWords } from '../../../activities/text/words.ts';
import type { Scene, ScriptResult } from '../../../domain/results.ts';
import type { Order } from '../../../domain/video.ts';
import { anOrder } from '../../support/test-deps.ts';
import { testPay } from '../../support/test-pay.ts';

const { prompt: _, ...base } = anOrder();
const ARTICLE = readFileSync('examples/deep-sea.md', 'utf8');

async function write(order: Partial<Order>, wordsPerSecond = WORDS_PER_SECOND): Promise<ScriptResult> {
  const { script } = await createOfflineLlm().write(
    { ...base, ...order },
    { signal: new AbortController().signal, pay: testPay(), wordsPerSecond },
  );
  return script;
}

const spoken = (script: ScriptResult) => script.scenes.flatMap((scene) => scene.sentences);
const sceneWords = (scene: Scene) => scene.sentences.reduce((sum, sentence) => sum + countWords(sentence), 0);
const wordsOf = (script: ScriptResult) => script.scenes.reduce((sum, scene) => sum + sceneWords(scene), 0);

/** What every script must hold, whatever it was made from. */
function expectSound(script: ScriptResult): void {
  const { scenes } = script;
  expect(scenes.length).toBeGreaterThan(0);
  expect(scenes[0]?.card.kind).toBe('title');
  if (scenes.length > 1) expect(scenes.at(-1)?.card.kind).toBe('outro');
  scenes.forEach((scene, index) => {
    const { card } = scene;
    expect(scene.sentences.length).toBeGreaterThan(0);
    expect(card.kind).not.toBe(scenes[index - 1]?.card.kind);
    expect([...card.title].length).toBeLessThanOrEqual(70);
    expect(card.title).not.toBe('');
    expect(card.bullets?.length ?? 0).toBeLessThanOrEqual(5);
    for (const bullet of card.bullets ?? []) expect([...bullet].length).toBeLessThanOrEqual(60);
    expect([...(card.figure ?? '')].length).toBeLessThanOrEqual(MAX_FIGURE_CHARS);
    expect([...(card.quote ?? '')].length).toBeLessThanOrEqual(160);
    const content = { number: card.figure, bullets: card.bullets, quote: card.quote, comparison: card.right };
    if (card.kind in content) expect(content[card.kind as keyof typeof content]).toBeTruthy();
  });
  expect(`${script.title}${script.description.replaceAll('\n', '')}${script.tags}`).not.toMatch(
    /[<>\p{Cs}\p{Cc}\p{Cf}]/u,
  );
  expect(script.title).not.toBe('');
}

describe('an article', () => {
  test('becomes 4 to 9 scenes for a minute, sized to its duration', async () => {
    const script = await write({ article: ARTICLE });
    expectSound(script);
    expect(script).toMatchObject({ title: 'Why the deep sea glows', source: 'article', language: 'en' });
    expect(script.scenes[0]?.card.kicker).toBe('');
    expect(script.scenes.length).toBeGreaterThanOrEqual(4);
    expect(script.scenes.length).toBeLessThanOrEqual(9);
    const seconds = wordsOf(script) / WORDS_PER_SECOND;
    expect(seconds).toBeGreaterThan(52);
    expect(seconds).toBeLessThan(66);
    for (const scene of script.scenes) {
      expect(sceneWords(scene)).toBeGreaterThanOrEqual(MIN_SCENE_WORDS);
      expect(sceneWords(scene)).toBeLessThanOrEqual(MAX_SCENE_WORDS * 1.3);
    }
  });

  test.each([
    [15, 2.85],
    [30, 2.85],
    [120, 2.85],
    [240, 2.85],
    [60, 2],
    [60, 3.5],
  ])(
    'fills %i seconds at %f words a second within a fifth, nearer in longer ones, and ends as the article does',
    async (duration, speed) => {
      const script = await write({ article: ARTICLE, duration }, speed);
      expectSound(script);
      const off = Math.abs(wordsOf(script) / speed / duration - 1);
      expect(off).toBeLessThan(duration < 30 ? 0.2 : 0.08);
      expect(spoken(script).at(-1)).toBe('It speaks in light, and we have only begun to read it.');
    },
  );

  test('is spoken in its own sentences and in its own order', async () => {
    const flat = ARTICLE.replace(/\s+/g, ' ');
    const sentences = spoken(await write({ article: ARTICLE })).filter(
      (sentence) => !sentence.includes('again: '),
    );
    const places = sentences.map((sentence) => flat.indexOf(sentence));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('shows its list as bullets and its figure large, each beside the words that say it', async () => {
    const { scenes } = await write({ article: ARTICLE });
    const bullets = scenes.find((scene) => scene.card.kind === 'bullets');
    expect(bullets?.card.bullets).toEqual([
      'Luring prey',
      'Hiding a shadow',
      'Startling an attacker',
      'Finding a mate',
    ]);
    expect(bullets?.sentences.join(' ')).toContain('luring prey, hiding a shadow');
    const number = scenes.find((scene) => scene.card.kind === 'number');
    expect(number?.card.figure).toBe('76%');
    expect(number?.sentences.join(' ')).toContain('76 percent');
  });

  test('that is shorter than the video is spoken whole', async () => {
    const script = await write({ article: 'One short remark. And another one.', duration: 600 });
    expectSound(script);
    expect(spoken(script)).toEqual(['One short remark.', 'And another one.']);
  });

  test.each(['', '# Only a heading', '```\ncode\n```', '![image](x.png)', '...'])(
    'without a sentence (%j) is refused with the reason',
    async (article) => {
      await expect(write({ article })).rejects.toMatchObject({
        kind: 'invalid_input',
        message: 'the article holds no sentence that could be spoken',
      });
    },
  );

  test('without headings is heard from its first paragraph to its last', async () => {
    const paragraph = (name: string) =>
      `${name} is where it is said what matters here. ${`The light in ${name} goes on and on for a while. `.repeat(5)}`;
    const article = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon', 'Zeta', 'Omega']
      .map(paragraph)
      .join('\n\n');
    const text = spoken(await write({ article })).join(' ');
    expect(text).toContain('Alpha is where');
    expect(text).toContain('Omega');
  });

  test('of many small sections fills its time with more of them', async () => {
    const article = Array.from(
      { length: 60 },
      (_, i) => `## Part ${i}\n\nHere is light number ${i} in the sea.`,
    ).join('\n\n');
    const script = await write({ article, duration: 60 });
    expectSound(script);
    expect(wordsOf(script) / WORDS_PER_SECOND).toBeGreaterThan(48);
  });

  test('of lists, of one endless paragraph, of noise or of another script still makes a sound script', async () => {
    const list = `# Ten rules\n${Array.from({ length: 40 }, (_, i) => `${i + 1}. Rule ${i} says to wait for the light`).join('\n')}`;
    const endless = `${'and the sea glows '.repeat(900)}.`;
    const foreign =
      '# 深海\n\n深い海は光る。なぜ光るのか。それは化学である。\n\n## 光\n\n青い光が遠くまで届く。';
    for (const article of [list, endless, foreign, `${'x'.repeat(9_000)} y.`])
      expectSound(await write({ article }));
  });
});

describe('a script', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 9 })
    .filter(
      (text) => /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(text) && text === text.normalize('NFC') && !/^#/.test(text),
    );
  const text = fc
    .array(fc.tuple(word, fc.constantFrom(' ', '. ', '\n', '\n\n', '? ', ', ')), {
      minLength: 1,
      maxLength: 120,
    })
    .map((parts) => parts.flat().join(''))
    .filter((script) => /[\p{L}\p{N}]/u.test(script))
    .filter((script) => script.split(/\s+/).every((part) => part.length <= MAX_WORD_CHARS));

  test('is spoken word for word: no word is lost, changed or doubled', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (script) => {
        const result = await write({ script });
        expectSound(result);
        const letters = (value: string) => value.replace(/[^\p{L}\p{N}\p{M}]/gu, '');
        expect(letters(spoken(result).join(' '))).toBe(letters(script));
      }),
    );
  });

  test('of the examples keeps every word, its heading is the title and is not spoken', async () => {
    const script = readFileSync('examples/script.txt', 'utf8');
    const result = await write({ script });
    expectSound(result);
    expect(result).toMatchObject({ title: 'Why a kettle sings', source: 'script' });
    const words = script.replace(/^#.*$/m, '').split(/\s+/).filter(Boolean);
    expect(spoken(result).join(' ').split(' ')).toEqual(words);
  });

  test('separated by stars has scenes between them, and the stars are not read out', async () => {
    const half = (name: string) =>
      `${name} begins here, and it goes on for a while. It ends after fourteen words or more, all of them spoken.`;
    const result = await write({ script: `${half('One')}\n\n***\n\n${half('Two')}`, title: '  ' });
    expectSound(result);
    expect(result.scenes).toHaveLength(2);
    expect(spoken(result).join(' ')).toBe(`${half('One')} ${half('Two')}`);
  });

  test('is spoken whole, however short the video that was ordered', async () => {
    const script = 'A sentence of a few words. '.repeat(100);
    expect(spoken(await write({ script, duration: 15 }))).toHaveLength(100);
  });

  test.each([' \n ', '***\n\n…', '# Heading only'])('without a word (%j) is refused', async (script) => {
    await expect(write({ script })).rejects.toMatchObject({ kind: 'invalid_input' });
  });
});

describe('a topic alone', () => {
  test('becomes an outline that says so on every card, in the narration and in the description', async () => {
    const script = await write({ prompt: 'Why the deep sea glows' });
    expectSound(script);
    expect(script).toMatchObject({ title: 'Why the deep sea glows', source: 'outline' });
    for (const { card } of script.scenes) expect(card.kicker).toBe('Outline');
    expect(spoken(script).join(' ')).toContain('This is an outline. Nothing has been looked up');
    expect(script.description).toContain('outline made from a topic alone');
  });

  test('adds nothing about the topic: two outlines differ in nothing but its name', async () => {
    const [a, b] = await Promise.all([write({ prompt: 'Aaaa' }), write({ prompt: 'Bbbb' })]);
    const nameless = (script: ScriptResult) => JSON.stringify(script.scenes).replace(/aaaa|bbbb/gi, 'T');
    expect(nameless(a)).toBe(nameless(b));
  });

  test.each([15, 60, 600])(
    'is sound for %i seconds and never longer than ordered by much',
    async (duration) => {
      const script = await write({ prompt: 'What makes bread rise?', duration });
      expectSound(script);
      expect(wordsOf(script) / WORDS_PER_SECOND).toBeLessThan(duration * 1.25);
    },
  );

  test('of hidden characters only is refused', async () => {
    await expect(write({ prompt: '\u200b \u0000' })).rejects.toMatchObject({ kind: 'invalid_input' });
  });
});

test.each(['[', '![', '`', '~~', '.', '…', '1. ', 'A. ', '* a *b', '<a ', '**a', '\n\n1 is light.'])(
  '64 kB of %j take less than five seconds of a processor: a worker that stands still is taken for dead',
  async (hostile) => {
    const started = process.cpuUsage();
    const text = hostile.repeat(65_536 / hostile.length);
    await Promise.allSettled([
      write({ article: text, duration: 600 }),
      write({ script: text }),
      write({ prompt: text }),
    ]);
    const { user, system } = process.cpuUsage(started);
    expect(user + system).toBeLessThan(5_000_000);
  },
);

test('title, tags and keywords of the order are used', async () => {
  const script = await write({
    article: ARTICLE,
    title: 'My <own> title',
    tags: ['ocean'],
    keywords: ['plankton'],
  });
  expect(script.title).toBe('My own title');
  expect(script.tags.slice(0, 2)).toEqual(['ocean', 'plankton']);
});

test('the usage of the offline writer is one video at the price list', async () => {
  const { usage } = await createOfflineLlm().write(
    { ...base, prompt: 'T' },
    { signal: new AbortController().signal, pay: testPay() },
  );
  expect(usage).toEqual([
    {
      service: 'openai',
      operation: 'script',
      provider: 'offline',
      model: 'extractive',
      quantity: 1,
      unit: 'video',
    },
  ]);
});
