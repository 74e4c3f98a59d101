import { StageError } from '../domain/errors.ts';
import { checkText, judgeCheck } from '../domain/quality.ts';
import type { QualityCheck, QualityResult } from '../domain/results.ts';
import { FRAME_SIZE } from '../domain/video.ts';
import type { Config } from '../infra/settings/config.ts';
import { cuesOf } from './captions/cues.ts';
import { LINE_CHARS } from './captions/lines.ts';
import { probe } from './providers/probe-ffprobe.ts';
import { captionChecks } from './quality/caption-checks.ts';
import { containerChecks, contentChecks, type Expected } from './quality/checks.ts';
import { repeatedClips } from './quality/clip-checks.ts';
import { lengthCheck } from './quality/length-check.ts';
import { measure } from './quality/measure.ts';
import { framesOf } from './render/timeline.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

type Tools = Config['tools'];

/**
 * Measures the finished video against what it was meant to be, by the table of domain/quality.ts. A bad video
 * is a result like any other, which the workflow judges; a soft check that fails becomes a warning. Throws a
 * StageError only when the measuring itself could not be done.
 */
export function createQualityValidation(tools: Tools): StageWork<'quality_validation'> {
  return async (context) => {
    const path = await context.fetch(need(context, 'video_rendering').video);
    const { scenes } = need(context, 'media_collection');
    const { script_generation: script } = context.results;
    const length = lengthCheck(context.order.duration, script, need(context, 'audio_synthesis'));
    const told = [repeatedClips(scenes), ...length, ...captionsOf(context)];
    const checks = [...told, ...(await watch(context, tools, path))];
    for (const check of checks.filter(({ ok, hard }) => !ok && !hard)) {
      context.warn(`quality_${check.name}`, checkText(check));
    }
    return { result: resultOf(checks), usage: [], providers: {} };
  };
}

async function watch(context: StageContext, tools: Tools, path: string): Promise<QualityCheck[]> {
  const expected = expectationOf(context);
  context.progress(0, 'reading the container');
  const facts = await probe(tools.ffprobe, path, context.signal).catch(faultOfFile);
  if (typeof facts === 'string') return [judgeCheck('container', facts)];
  const cheap = containerChecks(facts, expected);
  if (!facts.video || !facts.audio) return cheap;
  context.progress(0.1, 'watching and listening');
  const measured = await measure(tools.ffmpeg, path, {
    signal: context.signal,
    durationMs: expected.durationMs,
    bytes: facts.bytes,
    onShare: (share) => context.progress(0.1 + 0.9 * share, 'watching and listening'),
  }).catch(faultOfFile);
  if (typeof measured === 'string') return [...cheap, judgeCheck('decoding', measured)];
  return [...cheap, ...contentChecks(measured)];
}

/** Exit codes by which the system says that a program is missing or may not be run. */
const NOT_RUN = [126, 127];

/** What a tool that gave up says of the file. A tool that is missing or was killed says nothing of it: thrown on. */
function faultOfFile(error: unknown): string {
  if (!(error instanceof StageError)) throw error;
  const { exitCode } = (error.cause ?? {}) as { exitCode?: number };
  if (exitCode === undefined || NOT_RUN.includes(exitCode)) throw error;
  return error.message;
}

function expectationOf(context: StageContext): Expected {
  const { durationMs } = need(context, 'audio_synthesis');
  return { ...FRAME_SIZE[context.order.aspect], durationMs, frames: framesOf(durationMs) };
}

function captionsOf(context: StageContext): QualityCheck[] {
  const { sentences, durationMs } = need(context, 'audio_synthesis');
  const lineChars = LINE_CHARS[context.order.aspect];
  const cues = cuesOf(sentences, durationMs, lineChars);
  return captionChecks({ cues, sentences, durationMs, lineChars });
}

function resultOf(checks: QualityCheck[]): QualityResult {
  return { score: checks.filter(({ ok }) => ok).length / checks.length, checks };
}
