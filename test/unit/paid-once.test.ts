import { expect, test } from 'vitest';
import { paidAgain } from '../chaos/paid-once.ts';

const asked = (...inputs: string[]) => inputs.map((input) => ({ body: { input } }));
const bill = (
  operation: 'script' | 'speech' | 'transcription',
  settled: number,
  assumed = 0,
  video = 'a',
) => ({
  ...{ video_id: video, operation, settled, assumed },
  narrations: 1,
});
const ONE_VIDEO = { chat: asked('s'), speech: asked('1', '2'), transcription: asked('n') };
const BILLS = [bill('script', 1), bill('speech', 2), bill('transcription', 1)];
const [SCRIPT, SPEECH, HEARD] = BILLS as [(typeof BILLS)[0], (typeof BILLS)[0], (typeof BILLS)[0]];

test.each([
  ['each answer bought once', ONE_VIDEO, BILLS, {}],
  [
    'a sentence that a kill cut off and that was bought again',
    { ...ONE_VIDEO, speech: asked('1', '2', '2') },
    [SCRIPT, bill('speech', 2, 1), HEARD],
    { worker: 1 },
  ],
  [
    'a sentence that two videos bought side by side',
    { ...ONE_VIDEO, speech: asked('1', '2', '2') },
    [...BILLS, bill('speech', 1, 0, 'b')],
    {},
  ],
])('the chaos run allows %s', (_, requests, bills, kills) => {
  expect(paidAgain(requests, bills, kills)).toEqual([]);
});

test.each([
  [
    'a script that was stored and bought again',
    { chat: asked('s', 's') },
    [bill('script', 2), SPEECH, HEARD],
  ],
  [
    'sentences that were stored and bought again beside the one that was cut off',
    { speech: asked('1', '2', '1', '2') },
    [SCRIPT, bill('speech', 3, 1), HEARD],
  ],
  [
    'a narration that was heard twice',
    { transcription: asked('n', 'n') },
    [SCRIPT, SPEECH, bill('transcription', 2)],
  ],
  ['a call that is in no bill', { speech: asked('1', '2', '2') }, BILLS],
])('the chaos run finds %s', (_, requests, bills) => {
  expect(paidAgain({ ...ONE_VIDEO, ...requests }, bills, { worker: 30 })).not.toEqual([]);
});

test('the chaos run finds a call that was cut off though nothing was killed that could', () => {
  expect(paidAgain(ONE_VIDEO, [SCRIPT, bill('speech', 2, 1), HEARD], { api: 3, redis: 3 })).not.toEqual([]);
});
