import { StageError } from '../domain/errors.ts';
import type { QualityCheck, QualityResult } from '../domain/results.ts';
import { FRAME_SIZE } from '../domain/video.ts';
import type { Config } from '../infra/config.ts';
import { cuesOf } from './captions/cues.ts';
import { LINE_CHARS } from './captions/lines.ts';
import { probe } from './providers/probe-ffprobe.ts';
import { captionChecks, containerChecks, contentChecks, type Expected } from './quality/checks.ts';
import { measure } from './quality/measure.ts';
import { framesOf } from './render/timeline.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

/**
 * Measures the finished video against what it was meant to be. A hard check that fails throws a StageError
 * `process_failed` with every failed check, its value and its bound; a soft one becomes a warning.
 */
export function createQualityValidation(tools: Config['tools']): StageWork<'quality_validation'> {
  return async (context) => {
    const { video } = need(context, 'video_rendering');
    const expected = expectationOf(context);
    const path = await context.fetch(video);
    context.progress(0, 'reading the container');
    const facts = await probe(tools.ffprobe, path, context.signal);
    const cheap = [...containerChecks(facts, expected), ...captionChecks(expected)];
    refuse(cheap);
    context.progress(0.1, 'watching and listening');
    const measured = await measure(tools.ffmpeg, path, {
      signal: context.signal,
      durationMs: expected.durationMs,
      onShare: (share) => context.progress(0.1 + 0.9 * share, 'watching and listening'),
    });
    const result = conclude(context, [...cheap, ...contentChecks(measured)]);
    return { result, usage: [], providers: {} };
  };
}

function expectationOf(context: StageContext): Expected {
  const { sentences, durationMs } = need(context, 'audio_synthesis');
  const { aspect } = context.order;
  const lineChars = LINE_CHARS[aspect];
  const cues = cuesOf(sentences, durationMs, lineChars);
  return { ...FRAME_SIZE[aspect], durationMs, frames: framesOf(durationMs), cues, lineChars };
}

function conclude(context: StageContext, checks: QualityCheck[]): QualityResult {
  refuse(checks);
  for (const check of checks.filter(({ ok }) => !ok)) context.warn(`quality_${check.name}`, sentence(check));
  return { score: checks.filter(({ ok }) => ok).length / checks.length, checks };
}

function refuse(checks: readonly QualityCheck[]): void {
  const failed = checks.filter(({ ok, hard }) => hard && !ok);
  if (failed.length === 0) return;
  throw new StageError('process_failed', `quality checks failed: ${failed.map(sentence).join('; ')}`);
}

function sentence({ name, value, bound }: QualityCheck): string {
  return `${name} is ${value}, wanted ${bound}`;
}
