// A local speech engine for TTS_COMMAND: text on standard input, a WAV (stereo, 22.05 kHz) on standard output.
// Arguments are written beside it, so that a test sees how the command was split.
import { writeFileSync } from 'node:fs';

const RATE = 22_050;
const [mode, record] = process.argv.slice(2);
if (record) writeFileSync(record, JSON.stringify(process.argv.slice(2)));
let text = '';
for await (const chunk of process.stdin) text += chunk;
if (mode === 'hang') setInterval(() => {}, 1_000);
else if (mode === 'prose') process.stdout.write('Model loaded.\n');
else if (mode === 'fail') {
  process.stderr.write('no such model\n');
  process.exitCode = 3;
} else process.stdout.write(wavOf(text.trim()));

function wavOf(words) {
  const frames = Math.round(Math.max(0.4, words.length / 15) * RATE);
  const wav = Buffer.alloc(44 + frames * 4);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 4, 28);
  wav.writeUInt16LE(4, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(frames * 4, 40);
  for (let at = 0; at < frames; at += 1) {
    const sample = Math.round(8_000 * Math.sin((2 * Math.PI * 200 * at) / RATE));
    wav.writeInt16LE(sample, 44 + at * 4);
    wav.writeInt16LE(sample, 46 + at * 4);
  }
  return wav;
}
