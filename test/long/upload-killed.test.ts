import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ARTIFACT_NAMES, type ArtifactName, type ArtifactRef } from '../../domain/video.ts';
import { publishVideo } from '../../infra/moves/publish.ts';
import { viewPublication } from '../../infra/publish/view.ts';
import { type FakeYouTube, startFakeYouTube } from '../support/fakes/youtube.ts';
import { type Processes, startProcesses } from '../support/processes.ts';
import { connectTo, METADATA, YOUTUBE_SECRETS, youtubeSettings } from '../support/publishing.ts';
import { tempFolders } from '../support/temp-folders.ts';
import { anOrder } from '../support/test-deps.ts';
import { eventually } from '../support/test-pipeline.ts';

/** Three parts of the usual size, the last of which is no whole granule. */
const VIDEO = randomBytes(2 * 8 * 1024 ** 2 + 12_345);
const PATIENCE_MS = 120_000;

const folder = tempFolders('upload-killed-');
let youtube: FakeYouTube;
let processes: Processes;

beforeAll(async () => {
  youtube = await startFakeYouTube();
  processes = await startProcesses({
    YOUTUBE_CLIENT_ID: 'client',
    YOUTUBE_CLIENT_SECRET: YOUTUBE_SECRETS.youtubeClient,
    YOUTUBE_TOKEN_KEY: YOUTUBE_SECRETS.youtubeTokenKey,
    YOUTUBE_BASE_URL: youtube.url,
  });
  const { deps } = processes;
  deps.config.youtube = { ...deps.config.youtube, ...youtubeSettings(youtube) };
  deps.secrets = YOUTUBE_SECRETS;
  await connectTo(youtube, deps, 'main');
});

afterAll(async () => {
  await processes.close();
  await youtube.close();
});

test('a worker that is killed -9 in mid-upload is followed by one that goes on in its session: nothing is uploaded twice', async () => {
  const { deps } = processes;
  youtube.script('part', null, 'hang');
  const videoId = await completedVideo();
  await publishVideo(deps, videoId, 'test', {});
  const view = (wanted: (sent: number, state: string) => boolean) =>
    eventually(
      () => viewPublication(deps, videoId),
      (seen) => seen !== null && wanted(seen.sent, seen.state),
      PATIENCE_MS,
    );
  await view((sent) => sent > 40);
  await eventually(
    () => youtube.calls.part,
    (calls) => calls === 2,
  );
  const dead = once(processes.worker, 'exit');
  processes.worker.kill('SIGKILL');
  await dead;
  processes.startWorker();
  await view((_, state) => state === 'published');
  expect(youtube.calls.insert).toBe(1);
  expect(youtube.videos).toHaveLength(1);
  expect(youtube.videos[0]?.bytes.equals(VIDEO)).toBe(true);
  // The first, the one that hung, and the two that were left.
  expect(youtube.calls.part).toBe(4);
});

/** A video whose package lies in the store, as if it had been made. */
async function completedVideo(): Promise<string> {
  const { deps } = processes;
  const id = randomUUID();
  const files: Partial<Record<ArtifactName, ArtifactRef>> = {};
  for (const name of ARTIFACT_NAMES) {
    const path = join(folder(), name);
    await writeFile(
      path,
      name === 'video.mp4' ? VIDEO : name === 'metadata.json' ? JSON.stringify(METADATA) : name,
    );
    files[name] = await deps.artifacts.put(path, `${id}/upload_preparation/${name}`);
  }
  await deps.pool.query(
    `INSERT INTO video_queue (id, user_id, channel_id, priority, complexity, status, request_data, estimated_cost, score,
       completed_at) VALUES ($1, 'u', 'main', 5, 'simple', 'completed', $2, 2, 0, now())`,
    [id, JSON.stringify(anOrder({ channel_id: 'main' }))],
  );
  await deps.pool.query('INSERT INTO video_budget (video_id, cap) VALUES ($1, 3)', [id]);
  await deps.pool.query(
    `INSERT INTO stage_results (video_id, stage, result, input_hash, made_by)
     VALUES ($1, 'upload_preparation', $2, 'x', 'test')`,
    [id, JSON.stringify({ files })],
  );
  return id;
}
