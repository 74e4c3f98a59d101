import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCard } from '../../../activities/gpu-card.ts';
import { readEnv } from '../../../infra/settings/env.ts';
import { FakeCard } from '../../support/fakes/graphics-card.ts';
import { tempFolders } from '../../support/temp-folders.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';

const fake = new FakeCard(readEnv().FFMPEG_PATH ?? 'ffmpeg');
const folder = tempFolders('ytempire-card-back-')();
const away = join(folder, 'away');
const nvidiaSmi = join(folder, 'nvidia-smi');
let deps: TestDeps;

beforeAll(async () => {
  const script = `#!/bin/sh\nif [ -e ${away} ]; then rm ${away}; exit 15; fi\nexec ${fake.nvidiaSmi}\n`;
  writeFileSync(nvidiaSmi, script, { mode: 0o755 });
  const { FFPROBE_PATH: ffprobe = 'ffprobe' } = readEnv();
  deps = await createTestDeps({ tools: { ffmpeg: fake.ffmpeg, ffprobe }, machine: { nvidiaSmi } });
});

afterAll(async () => {
  fake.remove();
  await deps.close();
});

test('a card that comes back between the look at its figures and the trial is known by its id all the same', async () => {
  writeFileSync(away, '');
  expect(await openCard(deps)).toMatchObject({ id: fake.uuid, encoder: { name: 'h264_nvenc' } });
  expect(existsSync(away)).toBe(false);
});
