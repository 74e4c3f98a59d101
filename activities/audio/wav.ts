import { open, readFile, writeFile } from 'node:fs/promises';

/** One channel of 16-bit sound. */
export interface Sound {
  /** Samples a second. */
  rate: number;
  samples: Int16Array;
}

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;

/** Reads a mono 16-bit PCM WAV; a missing or wrong length in its header (streamed files) is the file's end. */
export async function readWav(path: string): Promise<Sound> {
  const file = await readFile(path);
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error(`${path} is not a WAV file`);
  }
  let rate = 0;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4);
    const bytes = Math.min(file.readUInt32LE(at + 4), file.length - at - 8);
    if (id === 'fmt ') rate = readRate(path, file.subarray(at + 8, at + 8 + bytes));
    if (id === 'data') return { rate, samples: toSamples(file.subarray(at + 8, at + 8 + bytes)) };
    at += 8 + bytes + (bytes % 2);
  }
  throw new Error(`${path} holds no sound`);
}

/** Length of a 16-bit PCM WAV as ffmpeg writes it, any number of channels, in milliseconds. */
export async function wavLengthMs(path: string): Promise<number> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    await file.read(head, 0, HEADER_BYTES, 0);
    const { size } = await file.stat();
    return ((size - HEADER_BYTES) * 1000) / head.readUInt32LE(28);
  } finally {
    await file.close();
  }
}

export async function writeWav(path: string, { rate, samples }: Sound): Promise<void> {
  const file = Buffer.alloc(HEADER_BYTES + samples.length * BYTES_PER_SAMPLE);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * BYTES_PER_SAMPLE, 28);
  file.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * BYTES_PER_SAMPLE, 40);
  samples.forEach((sample, index) => {
    file.writeInt16LE(sample, HEADER_BYTES + index * BYTES_PER_SAMPLE);
  });
  await writeFile(path, file);
}

function readRate(path: string, format: Buffer): number {
  const channels = format.readUInt16LE(2);
  const bits = format.readUInt16LE(14);
  if (channels !== 1 || bits !== 16)
    throw new Error(`${path} is not mono 16-bit: ${channels} channels, ${bits} bits`);
  return format.readUInt32LE(4);
}

function toSamples(data: Buffer): Int16Array {
  const samples = new Int16Array(Math.floor(data.length / BYTES_PER_SAMPLE));
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = data.readInt16LE(index * BYTES_PER_SAMPLE);
  return samples;
}
