import type { ReleaseRequest } from '../../domain/contract.ts';
import type { ErrorEntry } from '../../domain/errors.ts';
import { RELEASES } from '../../domain/release.ts';
import type { Deps } from '../deps.ts';
import { admit } from './admission.ts';

/**
 * Gives a video's place back without ending it: processing → queued, with its created_at and score. Finished
 * stages are kept. Only the holder of the claim can do it; again is harmless. Then admission runs, and once
 * more when the wait is over.
 */
export async function release(deps: Deps, request: ReleaseRequest): Promise<void> {
  const { video_id, generation, admission_no, chain, reason } = request;
  const rule = RELEASES[reason];
  const { rows } = await deps.pool.query<{ wait_ms: number }>(
    `UPDATE video_queue SET status = 'queued', lane = NULL, claimed_by = NULL, admitted_at = NULL, reason = $5,
       retry_count = retry_count + $6::integer, cpu_only = cpu_only OR $5 = 'gpu_out_of_memory',
       not_before = clock_timestamp() + $7 * interval '1 ms', error_log = error_log || (
         SELECT coalesce(jsonb_agg(untaken || jsonb_build_object('attempt', (
           SELECT coalesce(max(attempt), 0) + 1 FROM stage_runs
           WHERE video_id = $1 AND admission_no = $3 AND stage = untaken ->> 'stage'))), '[]')
         FROM jsonb_array_elements($8::jsonb) AS untaken)
     WHERE id = $1 AND generation = $2 AND admission_no = $3 AND claimed_by = $4 AND status = 'processing'
     RETURNING $7::float8 AS wait_ms`,
    [
      video_id,
      generation,
      admission_no,
      chain,
      reason,
      rule.counts ? 1 : 0,
      waitOf(deps, request),
      JSON.stringify(untakenOf(request)),
    ],
  );
  const freedAtMs = performance.now();
  if (rows[0]) {
    await deps.events.publish({ type: 'video.released', video_id, reason });
    admitLater(deps, rows[0].wait_ms);
  }
  await admit(deps, rows[0] && freedAtMs);
}

/** What the error log says of an attempt that no worker took, beside its number: it left no row of its own. */
function untakenOf({ untaken }: ReleaseRequest): Omit<ErrorEntry, 'attempt'>[] {
  if (!untaken) return [];
  return [
    {
      stage: untaken,
      kind: 'infrastructure',
      severity: 'infrastructure',
      message: 'no worker of its lane took the stage in time',
      at: new Date().toISOString(),
      next: 'the video waits without its place',
    },
  ];
}

function waitOf({ config }: Deps, { reason, run, wait_ms }: ReleaseRequest): number {
  const rule = RELEASES[reason];
  return Math.max(rule.waitMs(run) * config.times.retryScale, wait_ms ?? 0);
}

/** Reconcile's tick would admit the video too, but up to ten seconds later. */
function admitLater(deps: Deps, waitMs: number): void {
  if (waitMs <= 0) return;
  const admitAndLog = () =>
    admit(deps).catch((error: unknown) => deps.log.warn({ err: error }, 'not admitted, reconcile will'));
  setTimeout(() => void admitAndLog(), waitMs + 5).unref();
}
