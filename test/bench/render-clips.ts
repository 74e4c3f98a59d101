import type { SyntheticClip } from '../support/synthetic-video.ts';

/** What a search for stock footage brings home: sizes, rates and shapes of all kinds. */
const KINDS = [
  { name: '720p25', width: 1280, height: 720, fps: 25 },
  { name: '1080p30', width: 1920, height: 1080, fps: 30 },
  { name: '4k24', width: 3840, height: 2160, fps: 24 },
  { name: 'portrait30', width: 1080, height: 1920, fps: 30 },
  { name: '360p50', width: 640, height: 360, fps: 50 },
  { name: '1080p60', width: 1920, height: 1080, fps: 60 },
];

const SECONDS = 6;

/** Bits a pixel at most, as stock footage has: 9 Mbit/s at 1080p30, 30 Mbit/s at 4K24. */
const BITS = 0.15;

/** Six noisy clips: noise is what makes footage hard to encode. */
export const BENCH_CLIPS: SyntheticClip[] = KINDS.map(({ name, width, height, fps }) => {
  const picture = `testsrc2=size=${width}x${height}:rate=${fps}:duration=${SECONDS},noise=c0s=9:c0f=t,format=yuv420p`;
  const rate = String(width * height * fps * BITS);
  // Bounded within each second: an average alone would spend most of it on the first frames.
  const bound = ['-crf', '20', '-maxrate', rate, '-bufsize', rate];
  const coding = ['-c:v', 'libx264', '-preset', 'veryfast', ...bound];
  const facts = { width, height, fps, colorSpace: null, durationMs: SECONDS * 1000 };
  return { name, ...facts, args: ['-f', 'lavfi', '-i', picture, ...coding] };
});
