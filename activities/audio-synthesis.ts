import { join } from 'node:path';
import { StageError } from '../domain/errors.ts';
import type { AudioResult, Providers, ScriptResult, TimedSentence } from '../domain/results.ts';
import type { Config } from '../infra/config.ts';
import { type Joined, joinSentences } from './audio/join-sentences.ts';
import type { Loudness } from './audio/loudness.ts';
import { LUFS_TOLERANCE, MAX_TRUE_PEAK_DBTP, master, TARGET_LUFS } from './audio/master.ts';
import { trimSilence } from './audio/trim.ts';
import { readWav, writeWav } from './audio/wav.ts';
import { timeWords } from './audio/word-times.ts';
import type { SpeechPort, TranscriberPort } from './providers/gated-ports.ts';
import { hearWords } from './providers/transcription-times.ts';
import { need, type StageContext, type StageWork } from './stage.ts';

/** Share of the stage's work that is speaking; joining and mastering are the rest. */
const SPEAKING = 0.85;

/**
 * Second stage: the narration as one mastered file, with the times of its scenes, sentences and words. A
 * transcriber hears the words' times; without one they share out their sentence.
 */
export function createAudioSynthesis(
  speech: SpeechPort,
  tools: Config['tools'],
  transcriber: TranscriberPort | null = null,
): StageWork<'audio_synthesis'> {
  return async (context) => {
    const script = need(context, 'script_generation');
    const { files, usage, by: voice = speech.name } = await speakAll(speech, script, context);
    const joined = await joinFiles(files, script);
    const input = join(context.workDir, 'joined.wav');
    const output = join(context.workDir, 'narration.wav');
    await writeWav(input, joined.sound);
    context.progress(0.9, 'mastering to -14 LUFS');
    const loudness = await master({ ffmpeg: tools.ffmpeg, input, output, signal: context.signal });
    warnWhenOff(loudness, context);
    const narration = await context.publish(output, 'narration.wav');
    const shared = resultOf(script, joined, loudness);
    const sentences = transcriber ? await hearWords(transcriber, input, shared, context) : shared.sentences;
    const result = { narration, ...shared, sentences, voice };
    context.progress(1);
    return { result, usage, providers: providersOf(voice, transcriber) };
  };
}

function providersOf(voice: string, transcriber: TranscriberPort | null): Providers {
  return { speech: voice, ...(transcriber && { word_times: transcriber.name }) };
}

function speakAll(speech: SpeechPort, script: ScriptResult, context: StageContext) {
  const { voice } = context.order;
  const sentences = script.scenes.flatMap((scene) => scene.sentences);
  if (sentences.length === 0) throw new StageError('invalid_input', 'the script holds no sentence to speak');
  context.progress(0, `speaking ${sentences.length} sentences (${speech.name})`);
  const onSentence = (done: number) =>
    context.progress((SPEAKING * done) / sentences.length, `sentence ${done} of ${sentences.length}`);
  return speech.speak(sentences, join(context.workDir, 'speech'), { ...context, voice, onSentence }, context);
}

async function joinFiles(files: readonly string[], script: ScriptResult): Promise<Joined> {
  const scenes = script.scenes.flatMap((scene, index) => scene.sentences.map(() => index));
  const sounds = await Promise.all(files.map(async (file) => trimSilence(await readWav(file))));
  return joinSentences(sounds.map((sound, index) => ({ scene: scenes[index] ?? 0, sound })));
}

function resultOf(
  script: ScriptResult,
  joined: Joined,
  loudness: Loudness,
): Omit<AudioResult, 'narration' | 'voice'> {
  return {
    durationMs: joined.durationMs,
    sceneStartsMs: joined.sceneStartsMs,
    sentences: timedSentences(script, joined),
    loudnessLufs: loudness.lufs,
    truePeakDbtp: loudness.truePeakDbtp,
  };
}

function timedSentences(script: ScriptResult, joined: Joined): TimedSentence[] {
  const texts = script.scenes.flatMap((scene) => scene.sentences);
  return joined.spans.map(({ scene, startMs, endMs }, index) => {
    const text = texts[index] ?? '';
    return { text, scene, startMs, endMs, words: timeWords(text, startMs, endMs) };
  });
}

function warnWhenOff({ lufs, truePeakDbtp }: Loudness, context: StageContext): void {
  if (Math.abs(lufs - TARGET_LUFS) <= LUFS_TOLERANCE && truePeakDbtp <= MAX_TRUE_PEAK_DBTP) return;
  context.warn('loudness', `the narration measures ${lufs} LUFS and ${truePeakDbtp} dBTP`);
}
