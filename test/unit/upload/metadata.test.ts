import { expect, test } from 'vitest';
import { type MadeFrom, metadataOf } from '../../../activities/upload/metadata.ts';

const ref = { key: 'k', sha256: 'aa', bytes: 1 };
const licence = { source: 'cards', id: '1', author: 'generated', licence: 'none', sha256: 'aa' };

function madeFrom(change: Partial<MadeFrom['script']> = {}): MadeFrom {
  const script = {
    title: 'T',
    description: 'D',
    tags: [],
    language: 'en',
    source: 'article',
    scenes: [],
  } as const;
  return {
    order: { channel_id: 'c', aspect: '16:9', tags: [] } as unknown as MadeFrom['order'],
    script: { ...script, tags: [], scenes: [], ...change },
    media: { scenes: [{ kind: 'card', background: ref, overlay: ref, licence }] },
    audio: { sceneStartsMs: [0], durationMs: 1_000, voice: 'v' } as unknown as MadeFrom['audio'],
    render: { durationMs: 1_000, encoder: 'libx264' } as MadeFrom['render'],
    bill: { charges: [], saved: [] } as unknown as MadeFrom['bill'],
  };
}

test('a video is offline only when no service was asked, paid or free', () => {
  expect(metadataOf(madeFrom()).production.offline).toBe(true);
  expect(metadataOf(madeFrom({ source: 'llm' })).production.offline).toBe(false);
  const media: MadeFrom['media'] = { scenes: [{ kind: 'footage', clips: [], overlay: ref }] };
  expect(metadataOf({ ...madeFrom(), media }).production.offline).toBe(false);
  const charge = { service: 'tts', amount: 0.01 } as MadeFrom['bill']['charges'][number];
  const bills = [
    { charges: [charge], saved: [] },
    { charges: [], saved: [charge] },
  ] as unknown as MadeFrom['bill'][];
  for (const bill of bills) expect(metadataOf({ ...madeFrom(), bill }).production.offline).toBe(false);
});

test('title, description and tags are cut to what the upload takes', () => {
  const made = metadataOf(
    madeFrom({
      title: `<${'🐙'.repeat(90)}>`,
      description: 'ä'.repeat(6_000),
      tags: Array(200).fill('deep sea'),
    }),
  );
  expect(made.title.length).toBeLessThan(100);
  expect(made.title).not.toMatch(/[<>�]/);
  expect(Buffer.byteLength(made.description)).toBeLessThanOrEqual(5_000);
  expect(made.tags).toEqual(['deep sea']);
});

test('a hostile title and description stay text: one line, no markup, nothing that turns or hides', () => {
  const made = metadataOf(
    madeFrom({
      title: 'a\u0000b\n<script>"x"\u202e\u0007 %s',
      description: 'One\nTwo\u2066 \u001b[2J<b>{\\an8}',
      tags: ['a,b', 'x\u202ey'],
    }),
  );
  expect(made.title).toBe('ab script"x" %s');
  expect(made.description).toBe('One\nTwo [2Jb{\\an8}');
  expect(made.tags).toEqual(['a b', 'xy']);
  expect(JSON.parse(JSON.stringify(made))).toEqual(made);
});
