import { createCanvas, loadImage } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { drawFootageOverlay } from '../../../activities/cards/footage-overlay.ts';
import type { Card } from '../../../domain/results.ts';
import { type Aspect, FRAME_SIZE } from '../../../domain/video.ts';

const long = 'How the deepest places of the sea were mapped by people who had never seen them '.repeat(3);
const cards: { name: string; card: Card; aspect: Aspect; language: string }[] = [
  {
    name: 'a long title',
    aspect: '16:9',
    language: 'en',
    card: { kind: 'title', kicker: 'Deep sea', title: long, caption: long },
  },
  {
    name: 'a figure',
    aspect: '9:16',
    language: 'en',
    card: { kind: 'number', kicker: '2 / 6', title: 'Depth', figure: '11,000 m' },
  },
  {
    name: 'a quote',
    aspect: '1:1',
    language: 'en',
    card: { kind: 'quote', kicker: '3 / 6', title: 'x', quote: long },
  },
  {
    name: 'Arabic',
    aspect: '16:9',
    language: 'ar',
    card: { kind: 'bullets', kicker: 'البحر', title: 'كيف رُسمت خريطة أعماق البحار' },
  },
];

/** Share of the height below which nothing is painted: captions are there. */
const FLOOR: Record<Aspect, number> = { '16:9': 0.82, '9:16': 0.69, '1:1': 0.82 };

test.each(cards)(
  'the words leave the captions their room and darken what is behind them: $name',
  async ({ card, aspect, language }) => {
    const frame = FRAME_SIZE[aspect];
    const picture = await loadImage(await drawFootageOverlay({ card, topic: 'sea', language, frame }));
    const canvas = createCanvas(frame.width, frame.height);
    const draw = canvas.getContext('2d');
    draw.drawImage(picture, 0, 0);
    const floor = Math.ceil(frame.height * FLOOR[aspect]);
    const below = draw.getImageData(0, floor, frame.width, frame.height - floor).data;
    expect(below.every((value) => value === 0)).toBe(true);
    // Over pure white: nearly white letters, and a band that is dark enough to read them at 4.5:1.
    draw.globalCompositeOperation = 'destination-over';
    draw.fillStyle = '#ffffff';
    draw.fillRect(0, 0, frame.width, frame.height);
    const start = language === 'ar' ? frame.width - 20 : 20;
    const column = draw.getImageData(start, 0, 1, floor).data;
    const darkest = column
      .filter((_, i) => i % 4 === 0)
      .reduce((least, value) => Math.min(least, value), 255);
    expect(contrastWithWhite(darkest)).toBeGreaterThan(7);
  },
);

function contrastWithWhite(grey: number): number {
  const light = ((grey / 255 + 0.055) / 1.055) ** 2.4;
  return 1.05 / (light + 0.05);
}
