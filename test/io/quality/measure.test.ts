import { join } from 'node:path';
import { expect, test } from 'vitest';
import { measure } from '../../../activities/quality/measure.ts';
import { ASPECTS, FRAME_SIZE } from '../../../domain/video.ts';
import { drawn, ffmpeg } from '../../support/synthetic-video.ts';
import { tempFolders } from '../../support/temp-folders.ts';

const folder = tempFolders('measure-test-');
const SECONDS = 5;

/** Highest of captions, as a share of the frame's height. */
const CAPTIONS = { '16:9': 0.8, '9:16': 0.68, '1:1': 0.8 };

test.each(ASPECTS)(
  'at %s moving captions do not hide a still picture, and what moves above them counts',
  async (aspect) => {
    const { width, height } = FRAME_SIZE[aspect];
    const longestFreeze = async (name: string, top: number) => {
      const [w, h] = [Math.round(width / 10) * 2, Math.round(height / 10) * 2];
      const ground = `color=gray:s=${w}x${h}:r=10:d=${SECONDS}`;
      const moving = `color=white:s=24x12:r=10:d=${SECONDS}`;
      const picture = `${ground}[a];${moving}[b];[a][b]overlay=x='mod(60*t,${w - 24})':y=${Math.ceil(top * h)}`;
      const path = join(folder(), `${name}.mp4`);
      const sound = ['-f', 'lavfi', '-i', `sine=duration=${SECONDS}`];
      await ffmpeg(sound, [...drawn(picture), '-c:a', 'aac', path]);
      const options = { signal: AbortSignal.timeout(60_000), durationMs: SECONDS * 1000, bytes: 1 };
      return (await measure('ffmpeg', path, { ...options, onShare: () => {} })).longestFreezeSeconds;
    };
    expect(await longestFreeze('captions', CAPTIONS[aspect])).toBeGreaterThan(SECONDS - 1);
    expect(await longestFreeze('picture', 0.5)).toBe(0);
  },
);
