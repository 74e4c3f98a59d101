import { expect, test } from 'vitest';
import { createOfflineLlm } from '../../../activities/providers/llm-offline.ts';
import type { ScriptResult } from '../../../domain/results.ts';
import type { Order } from '../../../domain/video.ts';
import { anOrder } from '../../support/test-deps.ts';
import { testPay } from '../../support/test-pay.ts';

const { prompt: _, ...base } = anOrder();
const TEXT = `Das tiefe Meer leuchtet in der Nacht. Viele Tiere machen ihr Licht selbst.

Blaues Licht reicht im Wasser am weitesten. Es warnt, lockt und versteckt.

So sprechen die Tiere miteinander. Wir haben erst begonnen, das zu verstehen.`;

async function write(order: Partial<Order>): Promise<ScriptResult> {
  const context = { signal: new AbortController().signal, pay: testPay() };
  return (await createOfflineLlm().write({ ...base, ...order }, context)).script;
}

const shownOn = ({ scenes }: ScriptResult) =>
  scenes.flatMap(({ card }) => [card.kicker, card.title, card.caption ?? '', ...(card.bullets ?? [])]);

test.each(['article', 'script'] as const)('of a German %s all words are its own', async (kind) => {
  const script = await write({ [kind]: TEXT, language: 'de-AT', duration: 15 });
  const text = TEXT.replace(/\s+/g, ' ');
  expect(script.scenes.at(-1)?.card.kind).toBe('outro');
  expect(text).toContain(script.description);
  for (const shown of shownOn(script).filter((line) => !/^[\d /]*$/.test(line)))
    expect(text).toContain(shown.replace(/…$/, ''));
});

test('an English one ends with thanks and says where its words are from', async () => {
  const script = await write({ script: TEXT, language: 'en-GB' });
  expect(script.description).toContain('Narration: the submitted script');
  expect(script.scenes.at(-1)?.card.caption).toBe('Thank you for watching');
});

test('a German topic is refused: the outline is English', async () => {
  await expect(write({ prompt: 'Warum das Meer leuchtet', language: 'de' })).rejects.toMatchObject({
    kind: 'invalid_input',
    message: expect.stringContaining('nothing here writes "de" from a prompt: set OPENAI_API_KEY'),
  });
});
