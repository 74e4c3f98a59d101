/** 24 kHz mono, as OpenAI's voices answer. */
const RATE = 24_000;
const CHARACTERS_PER_SECOND = 15;
const MIN_SECONDS = 0.4;
const TONE_HZ = 180;
const LOUDNESS = 8_000;
/** Below this is the silence between sentences. */
const AUDIBLE = 160;
const GAP_SECONDS = 0.15;

/** A tone as long as the text takes to say, as a WAV whose lengths are not known when its header is sent. */
export function speechOf(text: string): Buffer {
  const count = Math.round(secondsOf(text) * RATE);
  const wav = Buffer.alloc(44 + count * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(0xffffffff, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(0xffffffff, 40);
  for (let at = 0; at < count; at += 1) {
    wav.writeInt16LE(Math.round(LOUDNESS * Math.sin((2 * Math.PI * TONE_HZ * at) / RATE)), 44 + at * 2);
  }
  return wav;
}

function secondsOf(text: string): number {
  return Math.max(MIN_SECONDS, [...text].length / CHARACTERS_PER_SECOND);
}

/**
 * verbose_json of a WAV that was joined from this fake's own speech: each stretch of sound is the spoken text of
 * the nearest length. Words share their stretch evenly, unlike the product's own estimate.
 */
export function transcriptOf(wav: Buffer, spoken: readonly string[]): object {
  const rate = wav.readUInt32LE(24);
  const data = wav.indexOf('data') + 8;
  const samples = new Int16Array(wav.buffer.slice(wav.byteOffset + data, wav.byteOffset + wav.length));
  const left = [...spoken];
  const words = stretches(samples, rate).flatMap(({ start, end }) => {
    const off = (text: string) => Math.abs(secondsOf(text) - (end - start));
    const text = [...left].sort((a, b) => off(a) - off(b))[0] ?? '';
    left.splice(left.indexOf(text), 1);
    const own = text.split(/\s+/).map((word) => word.replace(/[^\p{L}\p{N}'’-]/gu, '').toLowerCase());
    const each = (end - start) / own.length;
    return own.map((word, n) => ({ word, start: start + n * each, end: start + (n + 1) * each }));
  });
  return {
    task: 'transcribe',
    language: 'english',
    duration: samples.length / rate,
    text: words.map(({ word }) => word).join(' '),
    words,
  };
}

function stretches(samples: Int16Array, rate: number): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  samples.forEach((sample, at) => {
    if (Math.abs(sample) < AUDIBLE) return;
    const now = at / rate;
    const last = found.at(-1);
    if (last && now - last.end < GAP_SECONDS) last.end = now;
    else found.push({ start: now, end: now });
  });
  return found;
}
