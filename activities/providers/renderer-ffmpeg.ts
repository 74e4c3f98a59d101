import { StageError } from '../../domain/errors.ts';
import type { Lane } from '../../domain/lanes.ts';
import { answerWithin } from '../../infra/answer-within.ts';
import type { Config } from '../../infra/settings/config.ts';
import { runChild } from '../child.ts';
import { type Encoder, HARDWARE_ENCODERS, SOFTWARE_ENCODER } from './renderer.ts';

type Tools = Pick<Config['tools'], 'ffmpeg'>;

const PROBE_MS = 10_000;
/** A program that has been told to end is killed two seconds later, and gone then unless it hangs in the driver. */
const KILLED_WITHIN_MS = 3_000;

const probes = new Map<string, Promise<string | null>>();
const hardware = new Map<string, Promise<Encoder>>();
const captionsWork = new Map<string, Promise<boolean>>();

/**
 * The encoder of a lane: on the gpu lane the first one in hardware that encodes a frame here and now, else libx264. A
 * listing proves nothing, since builds list encoders whose hardware is absent. What works is known from then on in this
 * process, which has one card; what does not is tried again when asked again. `card` is the index or UUID of an NVIDIA
 * card; null = any.
 */
export async function chooseEncoder(tools: Tools, lane: Lane, card: string | null = null): Promise<Encoder> {
  if (lane !== 'gpu') return SOFTWARE_ENCODER;
  const key = `${tools.ffmpeg} ${card}`;
  const encoder = await once(hardware, key, () => findHardware(tools.ffmpeg, card));
  if (!encoder.hardware) hardware.delete(key);
  return encoder;
}

async function findHardware(ffmpeg: string, card: string | null): Promise<Encoder> {
  const listing = await listEncoders(ffmpeg);
  for (const candidate of HARDWARE_ENCODERS) {
    if (!new RegExp(` ${candidate.name} `).test(listing)) continue;
    const encoder = card === null ? candidate : { ...candidate, env: seenCard(card) };
    if ((await encodingFault(ffmpeg, encoder)) === null) return encoder;
  }
  return SOFTWARE_ENCODER;
}

/** CUDA numbers cards by speed, nvidia-smi by slot: both are told to count alike. */
function seenCard(card: string): Record<string, string> {
  return { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: card };
}

/** A program that cannot be asked lists nothing: this machine encodes in software, or not at all. */
async function listEncoders(ffmpeg: string): Promise<string> {
  const asked = runChild(ffmpeg, ['-hide_banner', '-encoders'], { signal: AbortSignal.timeout(PROBE_MS) });
  return (await asked.catch(() => null))?.stdout ?? '';
}

/** Throws a StageError `infrastructure` when this ffmpeg is missing or cannot burn in captions. */
export async function requireCaptionFilter(tools: Tools): Promise<void> {
  if (await once(captionsWork, tools.ffmpeg, () => hasCaptionFilter(tools.ffmpeg))) return;
  captionsWork.delete(tools.ffmpeg);
  throw new StageError(
    'infrastructure',
    `${tools.ffmpeg} is built without libass, so it cannot draw captions: install a full ffmpeg or set FFMPEG_PATH`,
  );
}

async function hasCaptionFilter(ffmpeg: string): Promise<boolean> {
  const { stdout } = await runChild(ffmpeg, ['-hide_banner', '-h', 'filter=subtitles'], {
    signal: AbortSignal.timeout(PROBE_MS),
  });
  return stdout.includes('Filter subtitles');
}

/**
 * Encodes one frame; null when that works, else why not. Answers within `probeMs` and 3 s even where the program hangs
 * in the driver and cannot be killed; as long as it lives it is not started again.
 */
export async function encodingFault(
  ffmpeg: string,
  encoder: Encoder,
  probeMs = PROBE_MS,
): Promise<string | null> {
  const key = JSON.stringify([ffmpeg, encoder]);
  const probe = () => encodeFrame(ffmpeg, encoder, probeMs).finally(() => probes.delete(key));
  try {
    return await answerWithin(probeMs + KILLED_WITHIN_MS, () => once(probes, key, probe));
  } catch (error) {
    return `the trial of ${encoder.name} hangs: ${messageOf(error)}`;
  }
}

async function encodeFrame(ffmpeg: string, encoder: Encoder, probeMs: number): Promise<string | null> {
  const { device = [], upload, env = {} } = encoder;
  const frame = ['-f', 'lavfi', '-i', 'color=black:size=256x256:rate=30', '-frames:v', '1'];
  const filter = upload === undefined ? [] : ['-vf', upload];
  const args = [
    '-hide_banner',
    '-v',
    'error',
    ...device,
    ...frame,
    ...filter,
    ...encoder.args,
    '-f',
    'null',
    '-',
  ];
  try {
    await runChild(ffmpeg, args, { signal: AbortSignal.timeout(probeMs), env: { ...env } });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function once<T>(answers: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(key);
  if (known !== undefined) return known;
  const asked = ask();
  answers.set(key, asked);
  // A probe that could not run is asked again by the next stage.
  asked.catch(() => answers.delete(key));
  return asked;
}
