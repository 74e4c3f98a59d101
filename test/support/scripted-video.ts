import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewEvent } from '../../domain/events.ts';
import type { ArtifactName, ArtifactRef, FinalStatus } from '../../domain/video.ts';
import type { Deps } from '../../infra/deps.ts';

/** Puts files into the store as if upload_preparation had made them. */
export async function storePackage<T extends ArtifactName>(
  deps: Deps,
  videoId: string,
  contents: Record<T, string | Buffer>,
): Promise<Record<T, ArtifactRef>> {
  const files: Partial<Record<ArtifactName, ArtifactRef>> = {};
  for (const [name, content] of Object.entries(contents) as [T, string | Buffer][]) {
    const draft = join(deps.config.dataDir, `${videoId}-${name}`);
    await writeFile(draft, content);
    files[name] = await deps.artifacts.put(draft, `${videoId}/upload/${name}`);
  }
  await deps.pool.query(
    `INSERT INTO stage_results (video_id, stage, input_hash, result, providers, made_by)
     VALUES ($1, 'upload_preparation', 'hash', $2, '{"publisher":"folder"}', 'test')`,
    [videoId, { files }],
  );
  return files as Record<T, ArtifactRef>;
}

/** Publishes events of a video, in order. */
export async function publishAll(deps: Deps, events: readonly NewEvent[]): Promise<void> {
  for (const event of events) await deps.events.publish(event);
}

/** Ends the row as settle would, at once and without an event. `cost` is decimal dollars. */
export async function endRow(
  deps: Deps,
  videoId: string,
  end: { status: FinalStatus; reason?: string; cost: string; stage?: string; message?: string },
): Promise<void> {
  const entry = {
    stage: end.stage,
    attempt: 1,
    kind: 'bug',
    severity: 'bug',
    message: end.message,
    at: new Date().toISOString(),
    next: 'the video fails',
  };
  await deps.pool.query(
    `WITH budget AS (UPDATE video_budget SET spent = $4 WHERE video_id = $1)
     UPDATE video_queue
        SET status = $2, reason = $3, stage = coalesce($5, stage), actual_cost = $4, completed_at = now(),
            error_log = $6
      WHERE id = $1`,
    [
      videoId,
      end.status,
      end.reason ?? null,
      end.cost,
      end.stage ?? null,
      JSON.stringify(end.message ? [entry] : []),
    ],
  );
}
