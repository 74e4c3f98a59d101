import type { EventFields } from '../../domain/events.ts';
import type { Deps } from '../deps.ts';
import { admit, lockAdmission } from '../queue/admission.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { audit } from './audit.ts';
import { completeCancels } from './cancel.ts';
import { nextVersion, tellControl } from './control.ts';
import { assertOpen, moveVideo } from './move.ts';

/** Stops one video at its next border; its place is given back. Again is harmless. Throws a MoveError. */
export async function pauseVideo(deps: Deps, videoId: string, who: string): Promise<void> {
  await setVideoPaused(deps, videoId, who, true);
}

/** Lets a paused video be admitted again. Again is harmless. Throws a MoveError. */
export async function resumeVideo(deps: Deps, videoId: string, who: string): Promise<void> {
  await setVideoPaused(deps, videoId, who, false);
  await admit(deps);
}

async function setVideoPaused(deps: Deps, videoId: string, who: string, paused: boolean): Promise<void> {
  const changed = await moveVideo(deps, videoId, async (tx, row) => {
    assertOpen(row);
    if (row.video_paused === paused) return false;
    await tx.query('UPDATE video_queue SET video_paused = $2 WHERE id = $1', [videoId, paused]);
    await nextVersion(tx);
    await audit(tx, who, paused ? 'pause' : 'resume', videoId);
    return true;
  });
  await tellControl(deps);
  if (!changed) return;
  const change = paused ? 'paused' : 'resumed';
  await deps.events.publish({ type: 'video.changed', video_id: videoId, change });
}

/** Stops all production: running stages finish, nothing new starts, orders are taken and wait. */
export async function pauseAll(deps: Deps, who: string): Promise<void> {
  await changePipeline(deps, (tx) => setAllPaused(tx, who, true));
  await Promise.all([tellControl(deps), tellWatchers(deps, 'paused')]);
}

/** Goes on after a pause or a halt. */
export async function resumeAll(deps: Deps, who: string): Promise<void> {
  await changePipeline(deps, (tx) => setAllPaused(tx, who, false));
  await Promise.all([tellControl(deps), tellWatchers(deps, 'resumed')]);
  await admit(deps);
}

/**
 * Pauses everything and cancels every open video, in one transaction; the fan-out follows, and what a dead API
 * leaves of it, reconcile completes. Orders that come later wait for the resume. Returns how many were open.
 */
export async function emergencyHalt(deps: Deps, who: string): Promise<number> {
  const halted = await changePipeline(deps, async (tx) => {
    await setAllPaused(tx, who, true);
    await tx.query('UPDATE pipeline_state SET halted = true');
    const { rowCount } = await tx.query(
      `UPDATE video_queue SET cancel_requested = 'emergency_halt'
       WHERE status IN ('queued', 'processing') AND cancel_requested IS NULL`,
    );
    await audit(tx, who, 'emergency_halt', null, { videos: rowCount });
    return rowCount ?? 0;
  });
  await Promise.all([tellControl(deps), tellWatchers(deps, 'halted'), completeCancels(deps)]);
  return halted;
}

function tellWatchers({ events }: Deps, change: EventFields['pipeline.changed']['change']): Promise<void> {
  return events.publish({ type: 'pipeline.changed', video_id: null, change });
}

function changePipeline<T>(deps: Deps, change: (tx: Db) => Promise<T>): Promise<T> {
  return inTransaction(deps.pool, async (tx) => {
    await lockAdmission(tx, deps.config.schema);
    return change(tx);
  });
}

/** The version moves only when the state does, so that pausing twice is pausing once. */
async function setAllPaused(tx: Db, who: string, paused: boolean): Promise<void> {
  const { rowCount } = await tx.query(
    'UPDATE pipeline_state SET paused = $1, halted = halted AND $1 WHERE paused <> $1',
    [paused],
  );
  if (!rowCount) return;
  await nextVersion(tx);
  await audit(tx, who, paused ? 'pause_all' : 'resume_all', null);
}
