import { type Canvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, test } from 'vitest';
import { drawBackground, OVERSCAN, paintBackground } from '../../../activities/cards/background.ts';
import { drawOverlay, paintOverlay } from '../../../activities/cards/overlay.ts';
import { CARD_LIMITS } from '../../../activities/text/card-text.ts';
import { drawThumbnail } from '../../../activities/thumbnail.ts';
import { CARD_KINDS, type Card } from '../../../domain/results.ts';
import { ASPECTS, type Aspect, FRAME_SIZE } from '../../../domain/video.ts';

const topic = 'What lives in the deep sea';

const FULL: Omit<Card, 'kind'> = {
  kicker: 'Explained in 60 seconds',
  title: 'What lives in the deep sea',
  bullets: ['Sunlight zone', 'Twilight zone: faint blue light', 'Midnight zone'],
  figure: '11,000 m',
  caption: 'How life goes on where no sunlight has ever reached',
  quote: 'Every ten metres of water add the weight of a whole atmosphere.',
  left: 'Anglerfish wait',
  right: 'Sea cucumbers sift',
};

/** Texts that break layouts: far too long, without a space, other scripts, marks. */
const HARD: Record<string, Omit<Card, 'kind'>> = {
  long: {
    kicker: 'A very long kicker that nobody in their right mind would ever have written. '.repeat(3),
    title: 'An unreasonably long title that goes on and on about the deep. '.repeat(4),
    bullets: Array.from({ length: 5 }, (_, i) =>
      `${i} A much longer bullet that has to be broken over lines. `.repeat(3),
    ),
    figure: '$1,234,567,890,123.45 billion',
    caption: 'Other stories that are long enough to wrap over several lines. '.repeat(4),
    quote: 'Every ten metres of water add the weight of an atmosphere. '.repeat(6),
    left: 'lorem ipsum dolor '.repeat(20),
    right: 'W'.repeat(200),
  },
  unbroken: { ...FULL, title: 'x'.repeat(200), quote: 'y'.repeat(200), bullets: ['z'.repeat(200)] },
  arabic: { ...FULL, title: 'ماذا يعيش في أعماق البحر؟', quote: 'كل عشرة أمتار من الماء تضيف وزن غلاف جوي' },
  emoji: { ...FULL, title: '🐙 Octopus 🦑 and friends 🚀', bullets: ['🐟', '🐳 whale'] },
};

/** True when a pixel of the area is not fully transparent. Shares of the frame. */
function inked(canvas: Canvas, x0: number, y0: number, x1: number, y1: number): boolean {
  const [x, y] = [Math.round(x0 * canvas.width), Math.ceil(y0 * canvas.height)];
  const [width, height] = [Math.round((x1 - x0) * canvas.width), Math.round((y1 - y0) * canvas.height)];
  const { data } = canvas.getContext('2d').getImageData(x, y, width, height);
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) return true;
  return false;
}

/** Share of the height below which captions start. */
const CAPTIONS: Record<Aspect, number> = { '16:9': 0.8, '9:16': 0.67, '1:1': 0.8 };

describe.each(ASPECTS)('cards at %s', (aspect) => {
  const frame = FRAME_SIZE[aspect];
  const below = CAPTIONS[aspect];

  test.each(CARD_KINDS)('a %s card says something and leaves the captions their room', (kind) => {
    const canvas = paintOverlay({ card: { kind, ...FULL }, topic, language: 'en', frame });
    expect([canvas.width, canvas.height]).toEqual([frame.width, frame.height]);
    expect(inked(canvas, 0.05, 0.05, 0.95, below)).toBe(true);
    expect(inked(canvas, 0, below, 1, 1)).toBe(false);
  });

  test.each(Object.keys(HARD))('%s texts stay inside the margins', (name) => {
    for (const kind of CARD_KINDS) {
      const card = { kind, ...(HARD[name] ?? FULL) };
      const language = name === 'arabic' ? 'ar' : 'en';
      const canvas = paintOverlay({ card, topic, language, frame });
      expect(inked(canvas, 0, 0, 0.03, 1), `${kind}: left`).toBe(false);
      expect(inked(canvas, 0.97, 0, 1, 1), `${kind}: right`).toBe(false);
      expect(inked(canvas, 0, 0, 1, 0.03), `${kind}: top`).toBe(false);
      expect(inked(canvas, 0, below, 1, 1), `${kind}: captions`).toBe(false);
    }
  });

  test('the longest list that a writer gives is shown to its last letter', () => {
    const title = 'How the deepest places of the sea were mapped by those who saw none'.padEnd(70, '.');
    const endingIn = (letter: string) => {
      const bullet = `${'A point of a list that is as long as one may be '.padEnd(59, 'ao')}${letter}`;
      const bullets = Array<string>(CARD_LIMITS.bullets).fill(bullet);
      const card = { kind: 'bullets', ...FULL, title, bullets } as const;
      const canvas = paintOverlay({ card, topic, language: 'en', frame });
      return Buffer.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data);
    };
    expect(CARD_LIMITS).toMatchObject({ title: 70, bullet: 60 });
    expect(endingIn('a').equals(endingIn('o'))).toBe(false);
  });
});

const frame = FRAME_SIZE['16:9'];

test('the same scene is drawn the same, its neighbour differently', async () => {
  const [first, again, next] = await Promise.all(
    [0, 0, 1].map((scene) => drawBackground({ topic, scene, frame })),
  );
  expect(first?.equals(again ?? Buffer.of())).toBe(true);
  expect(first?.equals(next ?? Buffer.of())).toBe(false);
});

test('a background leaves the camera room to move', () => {
  const { width, height } = paintBackground({ topic, scene: 0, frame });
  expect([width, height]).toEqual([frame.width * OVERSCAN, frame.height * OVERSCAN]);
});

test('each kind of card looks different', async () => {
  const pictures = await Promise.all(
    CARD_KINDS.map((kind) => drawOverlay({ card: { kind, ...FULL }, topic, language: 'en', frame })),
  );
  expect(new Set(pictures.map((picture) => picture.toString('base64'))).size).toBe(CARD_KINDS.length);
});

test('the thumbnail is a JPEG of 1280x720 under 2 MB', async () => {
  const scene = { heading: 'Opening', card: { kind: 'title', ...FULL } as Card, sentences: [], keywords: [] };
  const script = {
    title: topic,
    description: '',
    tags: [],
    language: 'en',
    source: 'outline',
    scenes: [scene],
  } as const;
  const jpeg = await drawThumbnail({ ...script, tags: [], scenes: [scene] });
  expect(jpeg.length).toBeLessThan(2_000_000);
  expect(await loadImage(jpeg)).toMatchObject({ width: 1280, height: 720 });
});
