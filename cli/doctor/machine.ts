import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { chooseEncoder } from '../../activities/providers/renderer-ffmpeg.ts';
import { LANES, placesOffered } from '../../domain/lanes.ts';
import { openArtifacts } from '../../infra/artifacts/store.ts';
import type { Config } from '../../infra/settings/config.ts';
import type { Secrets } from '../../infra/settings/secrets.ts';
import { nearestExisting, writeFault } from '../client/out-folder.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';
import type { Patient } from './patient.ts';

const GIB = 1024 ** 3;
/** A render needs about this much beside what it keeps free. */
const ROOM_FOR_A_VIDEO = GIB;

export function machineChecks({ config, secrets }: Patient): Check[] {
  const elsewhere = 'set DATA_DIR in .env to a folder that you may write to';
  return [
    { name: 'node', mend: 'install Node 20.19 or newer', run: () => ok(`${process.versions.node}`) },
    { name: 'packages', mend: 'run "npm ci"', run: loadNative },
    { name: 'data folder', mend: elsewhere, run: () => checkFolder(config.dataDir, elsewhere) },
    {
      name: 'artifacts',
      mend: 'set ARTIFACTS in .env to file:<a folder that you may write to>',
      run: () =>
        config.bucket === null
          ? checkFolder(config.artifactsDir, 'set ARTIFACTS to a folder that you may write to')
          : checkBucket(config, secrets),
    },
    { name: 'disk of data', mend: elsewhere, run: () => checkDisk(config, config.artifactsDir, 'DATA_DIR') },
    {
      name: 'disk of temp',
      mend: 'set TMPDIR to a folder that exists',
      run: () => checkDisk(config, tmpdir(), 'TMPDIR'),
    },
    { name: 'power', mend: 'set CPU_PLACES and GPU_PLACES', run: () => checkPower(config) },
  ];
}

/** The packages with a compiled part are those that fail on an unusual system. */
async function loadNative(): Promise<Finding> {
  await Promise.all([import('@temporalio/worker'), import('@napi-rs/canvas')]);
  return ok('installed, and their compiled parts load');
}

async function checkFolder(path: string, mend: string): Promise<Finding> {
  const fault = await writeFault(path);
  return fault === null ? ok(path) : fail(fault, mend);
}

/** Asking for its mark, which is written by whoever asks first, needs the key, the bucket and the right to both. */
async function checkBucket(config: Config, secrets: Secrets): Promise<Finding> {
  try {
    const store = openArtifacts(config, secrets);
    await store.marker();
    return ok(store.name);
  } catch (error) {
    return fail((error as Error).message, 'set ARTIFACTS, S3_ENDPOINT, S3_REGION and the AWS_ keys');
  }
}

async function checkDisk(config: Config, path: string, setting: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearestExisting(path));
  const free = bavail * bsize;
  const found = `${gib(free)} GiB free at ${path}`;
  const mend = `free some, or set ${setting} to a folder on another disk`;
  if (free < config.minFreeDiskBytes) {
    const least = `${config.minFreeDiskBytes / 1024 ** 2} MB, below which nothing is rendered (MIN_FREE_DISK_MB)`;
    return fail(`${found}, less than ${least}`, mend);
  }
  return free < config.minFreeDiskBytes + ROOM_FOR_A_VIDEO ? warn(found, mend) : ok(found);
}

/** How many videos the machine makes at once, as its workers will reckon it. */
async function checkPower({ machine, slots, places, tools }: Config): Promise<Finding> {
  const offers = LANES.map(async (lane) => {
    const { hardware } = await chooseEncoder(tools, lane);
    const offered =
      places[lane] ?? placesOffered(lane, { ...machine, hardwareEncoder: hardware }, slots[lane]);
    return `${offered} on the ${lane} lane`;
  });
  const found = `${machine.cores} cores, ${gib(machine.memoryBytes)} GiB memory`;
  const at = `videos at once: ${(await Promise.all(offers)).join(', ')}`;
  if (machine.memoryBytes < 2 * GIB) return warn(`${found}; ${at}`, 'rendering wants 2 GiB');
  return ok(`${found}; ${at}`);
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
