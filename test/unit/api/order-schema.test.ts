import { expect, test } from 'vitest';
import { readOrder } from '../../../api/order-schema.ts';

test('fills in what an order leaves out', () => {
  expect(readOrder({ prompt: '  Octopus hearts ' })).toEqual({
    orders: [
      {
        user_id: 'default',
        channel_id: 'default',
        prompt: 'Octopus hearts',
        priority: 5,
        complexity: 'simple',
        keywords: [],
        duration: 60,
        aspect: '16:9',
        language: 'en',
        captions: 'bold',
        tags: [],
        max_cost: 3_000_000,
      },
    ],
    dryRun: false,
  });
});

test('reads a lower cost limit exactly, as a number and as text', () => {
  for (const max_cost of [0.4, '0.40', '0.400000']) {
    expect(readOrder({ prompt: 'x', max_cost })).toMatchObject({ orders: [{ max_cost: 400_000 }] });
  }
});

test.each([
  ['a blank topic', { prompt: ' \n ' }, 'prompt', /is blank/],
  ['no source', {}, 'order', /exactly one of prompt, script, article.*none/],
  ['two sources', { prompt: 'x', script: 'y' }, 'order', /prompt and script are given/],
  ['an unknown field', { prompt: 'x', speed: 2 }, 'speed', /is not a field/],
  ['captions of no known look', { prompt: 'x', captions: 'huge' }, 'captions', /bold.*clean.*none/],
  ['a NUL in the article', { article: 'a\0b' }, 'article', /control characters/],
  ['half a surrogate pair', { script: 'a\ud800b' }, 'script', /control characters/],
  ['an article over 64 kB', { article: 'ä'.repeat(33_000) }, 'article', /65 kB long, the most is 64 kB/],
  ['a script that nobody could speak in time', { script: 'a '.repeat(7_000) }, 'script', /14000 characters/],
  ['a title of two lines', { prompt: 'x', title: 'a\nb' }, 'title', /one line/],
  ['an escape in a keyword', { prompt: 'x', keywords: ['ok', '\u001b[2J'] }, 'keywords.1', /control/],
  ['priority as text', { prompt: 'x', priority: '5' }, 'priority', /whole number from 1 to 10/],
  ['half a priority', { prompt: 'x', priority: 5.5 }, 'priority', /whole number from 1 to 10/],
  ['a duration of zero', { prompt: 'x', duration: 0 }, 'duration', /from 15 to 600/],
  ['a cost beyond the cap', { prompt: 'x', max_cost: 3.01 }, 'max_cost', /\$0.40 to \$3.00/],
  ['a cost with seven decimals', { prompt: 'x', max_cost: '1.0000001' }, 'max_cost', /\$0.40 to \$3.00/],
  ['no language', { prompt: 'x', language: 'english please' }, 'language', /language code/],
  [
    'a source that is no page',
    { prompt: 'x', source_url: 'javascript:alert(1)' },
    'source_url',
    /such as https/,
  ],
  ['a source with a password', { prompt: 'x', source_url: 'https://a:b@c.org' }, 'source_url', /no user/],
  ['null for a field', { prompt: 'x', title: null }, 'title', /string/],
])('refuses %s and names the field', (_, body, field, message) => {
  expect(readOrder(body)).toEqual({ faults: [{ field, message: expect.stringMatching(message) }] });
});

test.each([
  ['prompt', '深海について', /"深" \(U\+6DF1, Han\), which no font here can show: letters may be Latin/],
  ['script', 'The word नमस्ते means hello.', /U\+0928, Devanagari/],
  ['article', `# Sea\n\n${'Water. '.repeat(200)}바다`, /U\+BC14, Hangul/],
  ['title', '𝐛𝐨𝐥𝐝 claims', /"𝐛" \(U\+1D41B\)/],
])('a %s that no shipped font can show is refused with its first such letter', (field, text, message) => {
  const body = field === 'title' ? { prompt: 'x', title: text } : { [field]: text };
  expect(readOrder(body)).toEqual({ faults: [{ field, message: expect.stringMatching(message) }] });
});

test('what the shipped fonts can show is taken, with marks, signs and emoji', () => {
  for (const script of [
    'Čeština, Tiếng Việt, Ελληνικά, Русский, Українська, café (cafe\u0301)',
    'مرحبا بالعالم، پارسی و اُردُو. שָׁלוֹם עוֹלָם',
    '{\\an8} \\N "quotes" \'single\' 100 % — “curly” <b> & 👩🏽‍🚀 ❤️ 1️⃣ ♪ zero\u200bwidth \u202eright to left\u202c',
  ]) {
    expect(readOrder({ script })).toMatchObject({ orders: [{ script }] });
  }
});

test('an address of a source holds nothing that YouTube refuses', () => {
  const read = readOrder({ prompt: 'x', source_url: 'https://example.org/<a> b?c="d"' });
  expect(read).toMatchObject({ orders: [{ source_url: 'https://example.org/%3Ca%3E%20b?c=%22d%22' }] });
});

test('refuses a body that is no object', () => {
  for (const body of [null, 7, 'x', []]) {
    expect(readOrder(body)).toEqual({ faults: [{ field: 'order', message: expect.any(String) }] });
  }
});

test('reports every fault at once', () => {
  const read = readOrder({ prompt: '', duration: 1, nonsense: 1 });
  expect(read).toMatchObject({ faults: expect.arrayContaining([expect.anything()]) });
  expect('faults' in read && read.faults.map(({ field }) => field).sort()).toEqual([
    'duration',
    'nonsense',
    'prompt',
  ]);
});
