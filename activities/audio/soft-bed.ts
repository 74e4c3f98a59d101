import { runChild } from '../child.ts';

/** Chords of a slow pad, A minor, F, C and G, as notes in hertz; each sounds for eight seconds and fades into the next. */
const CHORDS = [
  [110, 164.8125, 220, 261.625],
  [87.3125, 174.625, 220, 261.625],
  [130.8125, 164.8125, 196, 329.625],
  [98, 146.8125, 196, 246.9375],
];
const CHORD_S = 8;
/** Every note has whole cycles in it, so that its end meets its beginning. */
const LOOP_S = 16;
const RATE = 16_000;
/** Left and right are a little apart, which makes it wide. */
const DETUNE = [0, 1 / LOOP_S];

/** Makes sixteen seconds of soft music that can be repeated without a seam, as stereo WAV. */
export async function makeSoftBed(ffmpeg: string, output: string, signal: AbortSignal): Promise<void> {
  const channels = DETUNE.map((detune) => CHORDS.map((chord, i) => chordAt(chord, i, detune)).join('+'));
  const source = `aevalsrc=exprs='${channels.join('|')}':s=${RATE}:d=${LOOP_S}`;
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', source];
  await runChild(ffmpeg, [...args, '-c:a', 'pcm_s16le', '-bitexact', output], { signal });
}

/** Neighbouring chords overlap by half their length; their loudness together stays the same. */
function chordAt(chord: readonly number[], index: number, detune: number): string {
  const start = (index * LOOP_S) / CHORDS.length;
  const since = `mod(t-${start}+${LOOP_S},${LOOP_S})`;
  const swell = `lt(${since},${CHORD_S})*pow(sin(PI*${since}/${CHORD_S}),2)`;
  const notes = chord.map((hertz, note) => {
    const level = (0.16 / (1 + note)).toFixed(3);
    return `${level}*sin(2*PI*${hertz + detune}*t)+${(Number(level) / 5).toFixed(4)}*sin(4*PI*${hertz}*t)`;
  });
  return `(${swell})*(${notes.join('+')})`;
}
