import { ERROR_KINDS, type StageError } from '../domain/errors.ts';
import type { Attempt } from './attempt.ts';

/**
 * How long our own servers have failed a stage, in milliseconds; 0 for any other failure.
 */
export function troubledMs({ troubledSince }: Attempt, error: StageError): number {
  if (ERROR_KINDS[error.kind].retry !== 'free') return 0;
  return troubledSince === null ? 0 : Math.max(0, Date.now() - troubledSince.getTime());
}

/** Tells of a trouble that lasts, once in each TROUBLE_ALERT_MS. It needs no Postgres. */
export async function tellTrouble(attempt: Attempt, error: StageError, forMs: number): Promise<void> {
  const { deps, scheduledAtMs, spec, input, log } = attempt;
  const { troubleAlertMs, retryScale } = deps.config.times;
  // The attempt before failed this long before now.
  const lastMs = Date.now() - scheduledAtMs + ERROR_KINDS.infrastructure.backoffMs() * retryScale;
  const toldMs = Math.max(0, forMs - lastMs);
  if (Math.floor(forMs / troubleAlertMs) <= Math.floor(toldMs / troubleAlertMs)) return;
  const message = `our own servers have failed the stage for ${Math.round(forMs / 1000)} s: ${error.message}`;
  log.error({ err: error }, message);
  const alert = { stage: spec.name, severity: ERROR_KINDS[error.kind].severity, message };
  await deps.events.publish({ type: 'stage.alert', video_id: input.video_id, ...alert });
}
