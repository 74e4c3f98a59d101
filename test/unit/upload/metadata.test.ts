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
    render: { durationMs: 1_000, encoder: 'libx264' } as MadeFrom['render'],
    bill: { charges: [] } as unknown as MadeFrom['bill'],
  };
}

test('a video is offline only when no service was asked, paid or free', () => {
  expect(metadataOf(madeFrom()).production.offline).toBe(true);
  expect(metadataOf(madeFrom({ source: 'llm' })).production.offline).toBe(false);
  const media: MadeFrom['media'] = { scenes: [{ kind: 'footage', clips: [], overlay: ref }] };
  expect(metadataOf({ ...madeFrom(), media }).production.offline).toBe(false);
  const charge = { service: 'tts', amount: 0.01 } as MadeFrom['bill']['charges'][number];
  const bill = { charges: [charge] } as unknown as MadeFrom['bill'];
  expect(metadataOf({ ...madeFrom(), bill }).production.offline).toBe(false);
});

test('title, description and tags are cut to what the upload takes', () => {
  const made = metadataOf(
    madeFrom({
      title: `<${'🐙'.repeat(90)}>`,
      description: 'ä'.repeat(6_000),
      tags: Array(200).fill('deep sea'),
    }),
  );
  expect(made.title.length).toBeLessThanOrEqual(100);
  expect(made.title).not.toMatch(/[<>�]/);
  expect(Buffer.byteLength(made.description)).toBeLessThanOrEqual(5_000);
  expect(made.tags).toEqual(['deep sea']);
});
