import { StageError } from '../../domain/errors.ts';
import type { TimedSentence } from '../../domain/results.ts';
import type { StageContext } from '../stage.ts';
import type { TranscriberPort } from './gated-ports.ts';
import { alignWords, type HeardWord } from './transcription-align.ts';

/** Code of the warning that some words have estimated times. */
const WORD_TIMES = 'word_times';

/**
 * The sentences with the times at which their words were heard in that WAV. Where hearing fails, or finds too few
 * of a sentence's words, its words keep their shared-out times and the video gets a warning: captions that are
 * 0.1 s off are no reason to lose a narration that is spoken and paid.
 */
export async function hearWords(
  transcriber: TranscriberPort,
  wav: string,
  narration: { sentences: TimedSentence[]; durationMs: number },
  context: StageContext,
): Promise<TimedSentence[]> {
  const { sentences, durationMs } = narration;
  const { order, workDir, signal, pay } = context;
  context.progress(0.95, `hearing the times of the words (${transcriber.name})`);
  let heard: HeardWord[];
  try {
    const request = { workDir, language: order.language, signal, pay };
    heard = await transcriber.hear(wav, durationMs, request, context);
  } catch (error) {
    // Without money for it the video stops, as for every other call.
    if (!(error instanceof StageError) || signal.aborted || error.kind === 'cost_limit') throw error;
    context.warn(WORD_TIMES, `the times of the words are estimated: ${error.message}`);
    return sentences;
  }
  let lost = 0;
  const timed = sentences.map((sentence) => {
    const words = alignWords(sentence, heard);
    if (words === null) lost += 1;
    return words === null ? sentence : { ...sentence, words };
  });
  if (lost > 0) {
    const which = `${lost} of ${sentences.length} sentences`;
    context.warn(WORD_TIMES, `the times of the words in ${which} are estimated: too few were heard`);
  }
  return timed;
}
