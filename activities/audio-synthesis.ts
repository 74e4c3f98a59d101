import { join } from 'node:path';
import { StageError } from '../domain/errors.ts';
import type { AudioResult, MusicCredit, Providers, ScriptResult, TimedSentence } from '../domain/results.ts';
import type { Config } from '../infra/settings/config.ts';
import { atPace, type Joined, joinSentences } from './audio/join-sentences.ts';
import { layMusic } from './audio/lay-music.ts';
import type { Loudness } from './audio/loudness.ts';
import { LUFS_TOLERANCE, MAX_TRUE_PEAK_DBTP, master, TARGET_LUFS } from './audio/master.ts';
import { findMusic } from './audio/music.ts';
import { changePace, paceFor } from './audio/pace.ts';
import { trimSilence } from './audio/trim.ts';
import { readWav, writeWav } from './audio/wav.ts';
import { timeWords } from './audio/word-times.ts';
import type { SpeechPort, TranscriberPort } from './providers/gated-ports.ts';
import { writesSpaces } from './providers/llm-openai-language.ts';
import type { NarrationSpeeds } from './providers/narration-speeds.ts';
import { hearWords } from './providers/transcription-times.ts';
import { need, type StageContext, type StageWork } from './stage.ts';
import { countWords } from './text/words.ts';

/** Share of the stage's work that is speaking; joining and mastering are the rest. */
const SPEAKING = 0.85;

/** Where the sound is made. */
export interface SoundTools {
  tools: Pick<Config['tools'], 'ffmpeg'>;
  musicDir: string | null;
}

/**
 * Second stage: the narration as one mastered file, at a pace that suits the ordered length, with its music and with
 * the times of its scenes, sentences and words. A transcriber hears the words' times; without one they share out
 * their sentence.
 */
export function createAudioSynthesis(
  speech: SpeechPort,
  place: SoundTools,
  transcriber: TranscriberPort | null = null,
  speeds: Pick<NarrationSpeeds, 'note'> | null = null,
): StageWork<'audio_synthesis'> {
  return async (context) => {
    const script = need(context, 'script_generation');
    const said = await speakAll(speech, script, context);
    const { files, usage, by: voice = speech.name, shared: sentenceFiles } = said;
    const spoken = join(context.workDir, 'spoken.wav');
    const { joined, naturalMs } = await joinFiles(files, script, context, place.tools.ffmpeg, spoken);
    await noteSpeed(speeds, script, naturalMs, context);
    const { path, music } = await withMusic(spoken, joined, context, place);
    context.progress(0.9, 'mastering to -14 LUFS');
    const output = join(context.workDir, 'narration.wav');
    const { ffmpeg } = place.tools;
    const loudness = await master({
      ...{ ffmpeg, input: path, output, channels: music ? 2 : 1, signal: context.signal },
    });
    warnWhenOff(loudness, context);
    const narration = await context.publish(output, 'narration.wav');
    const shared = resultOf(script, joined, loudness);
    const sentences = transcriber ? await hearWords(transcriber, spoken, shared, context) : shared.sentences;
    const more = { ...(sentenceFiles && { sentenceFiles }), ...(music && { music }) };
    const result = { narration, ...shared, sentences, voice, ...more };
    context.progress(1);
    return { result, usage, providers: providersOf(voice, transcriber) };
  };
}

/** The voice's own speed, before its pace was fitted; a script of a language without spaces has no words to count. */
async function noteSpeed(
  speeds: Pick<NarrationSpeeds, 'note'> | null,
  { scenes }: ScriptResult,
  naturalMs: number,
  { videoId, order }: StageContext,
): Promise<void> {
  if (!speeds || !writesSpaces(order.language)) return;
  const words = countWords(scenes.flatMap(({ sentences }) => sentences).join(' '));
  await speeds.note(videoId, order, { words, seconds: naturalMs / 1000 });
}

/** The sound to master: the speech, or with the ordered music under it. */
async function withMusic(
  narration: string,
  joined: Joined,
  { order, workDir, signal, warn }: StageContext,
  { tools: { ffmpeg }, musicDir }: SoundTools,
): Promise<{ path: string; music?: MusicCredit }> {
  if (order.music === undefined) return { path: narration };
  const {
    path: music,
    seamless,
    credit,
  } = await findMusic(order.music, { ffmpeg, musicDir, workDir, signal });
  const output = join(workDir, 'with-music.wav');
  const { spans: speech, durationMs } = joined;
  const job = { ffmpeg, narration, music, seamless, speech, durationMs, output, workDir, signal };
  if (await layMusic(job)) return { path: output, music: credit };
  warn('music', `"${order.music}" is silent: the video has no music`);
  return { path: narration };
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

/** The sentences with their pauses in one file, at the pace that brings them nearest to the ordered length. */
async function joinFiles(
  files: readonly string[],
  script: ScriptResult,
  { order, workDir, signal }: StageContext,
  ffmpeg: string,
  output: string,
): Promise<{ joined: Joined; naturalMs: number }> {
  const scenes = script.scenes.flatMap((scene, index) => scene.sentences.map(() => index));
  const sounds = await Promise.all(files.map(async (file) => trimSilence(await readWav(file))));
  const sentences = sounds.map((sound, index) => ({ scene: scenes[index] ?? 0, sound }));
  const natural = joinSentences(sentences);
  const pace = script.source === 'script' ? 1 : paceOf(natural, order.duration * 1000);
  if (pace === 1) {
    await writeWav(output, natural.sound);
    return { joined: natural, naturalMs: natural.durationMs };
  }
  const input = join(workDir, 'joined.wav');
  const joined = joinSentences(sentences, pace);
  await writeWav(input, joined.sound);
  const paced = atPace(joined, pace);
  await changePace({ ffmpeg, input, output, signal }, pace, paced.durationMs);
  return { joined: paced, naturalMs: natural.durationMs };
}

function paceOf({ spans, durationMs }: Joined, wantedMs: number): number {
  const speechMs = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return paceFor(speechMs, durationMs - speechMs, wantedMs);
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
