import { randomUUID } from 'node:crypto';
import type { ClosedProvider, StageError } from '../../domain/errors.ts';
import {
  afterOutage,
  closedForMs,
  EXHAUSTED_MS,
  type FailureSign,
  type GateState,
  signOf,
} from '../../domain/provider-gate.ts';
import type { Deps } from '../deps.ts';
import { admit } from '../queue/admission.ts';
import type { Config } from '../settings/config.ts';
import { type Db, inTransaction } from '../stores/postgres.ts';
import { OPENED } from './registry.ts';

/** Permission to call a provider. */
export interface Pass {
  name: string;
  /** Set for the one call that may try a closed provider. */
  probe: string | null;
}

export type Entry = { pass: Pass; closed: null } | { pass: null; closed: ClosedProvider; reason: string };

/** A probe that has said nothing for longer than any stage may take has died. */
const PROBE_MS = 240_000;

/** At most one of those who come at once gets the probe: the second finds the row changed. */
const ENTER = `
  WITH probing AS (
    UPDATE provider_state SET probe = $2, probe_until = clock_timestamp() + $3 * interval '1 ms'
    WHERE name = $1 AND state = 'closed' AND closed_until <= clock_timestamp()
      AND (probe_until IS NULL OR probe_until <= clock_timestamp())
    RETURNING name)
  SELECT state, reason, closed_until, EXISTS (SELECT FROM probing) AS probing FROM provider_state WHERE name = $1`;

/** Asks whether a provider may be called now. One that nobody has registered is open. */
export async function enterGate({ pool }: Pick<Deps, 'pool'>, name: string): Promise<Entry> {
  const probe = randomUUID();
  const { rows } = await pool.query<{
    state: GateState['state'];
    reason: string | null;
    closed_until: Date | null;
    probing: boolean;
  }>(ENTER, [name, probe, PROBE_MS]);
  const row = rows[0];
  if (!row || row.state === 'open') return { pass: { name, probe: null }, closed: null };
  if (row.probing) return { pass: { name, probe }, closed: null };
  const closed = { name, until: row.closed_until?.toISOString() ?? null };
  return { pass: null, closed, reason: row.reason ?? 'it failed' };
}

/** The call went well: failures before it no longer count, and a probe opens the gate. True when it did. */
export async function noteSuccess(deps: Deps, { name, probe }: Pass): Promise<boolean> {
  const { rowCount } = await deps.pool.query(
    `UPDATE provider_state SET ${OPENED}, changed_at = clock_timestamp()
     WHERE name = $1 AND (state = 'open' AND failures + closings > 0 OR probe = $2)`,
    [name, probe],
  );
  const opened = rowCount === 1 && probe !== null;
  if (opened) await admit(deps);
  return opened;
}

/** Where a provider stands after a failed call: closed or not, and whether this call closed it. */
export interface AfterFailure {
  closed: ClosedProvider | null;
  closing: boolean;
  opened: boolean;
}

/** Counts a failed call. What it says of its provider is in signOf. */
export async function noteFailure(deps: Deps, pass: Pass, error: StageError): Promise<AfterFailure> {
  const sign = signOf(error.kind);
  if (sign === 'alive') return { closed: null, closing: false, opened: await noteSuccess(deps, pass) };
  if (sign === 'none') {
    await returnPass(deps, pass);
    return { closed: null, closing: false, opened: false };
  }
  return inTransaction(deps.pool, async (tx) => {
    const { rows } = await tx.query<GateState & { probe: string | null; closed_until: Date | null }>(
      'SELECT state, failures, closings, probe, closed_until FROM provider_state WHERE name = $1 FOR UPDATE',
      [pass.name],
    );
    const row = rows[0];
    if (!row) return { closed: null, closing: false, opened: false };
    const probing = pass.probe !== null && row.probe === pass.probe;
    const after = await close(tx, deps, pass.name, row, { probing, sign, error });
    return { ...after, opened: false };
  });
}

/** Nothing was learned of the provider: there was no call, or it failed for a reason of our own. Another one may try. */
export async function returnPass({ pool }: Pick<Deps, 'pool'>, { name, probe }: Pass): Promise<void> {
  await pool.query(
    'UPDATE provider_state SET probe = NULL, probe_until = NULL WHERE name = $1 AND probe = $2',
    [name, probe],
  );
}

async function close(
  tx: Db,
  { config }: Pick<Deps, 'config'>,
  name: string,
  row: GateState & { closed_until: Date | null },
  { probing, sign, error }: { probing: boolean; sign: FailureSign; error: StageError },
) {
  const before = { name, until: row.closed_until?.toISOString() ?? null };
  const resumable = row.state === 'closed' && row.closed_until === null;
  if (resumable || (row.state === 'closed' && !probing && sign !== 'account'))
    return { closed: before, closing: false };
  const next: GateState =
    sign === 'outage' ? afterOutage(row, probing) : { ...row, state: 'closed', closings: 0 };
  const forMs = next.state === 'open' ? null : closingMs(sign, next, error, config);
  const { rows } = await tx.query<{ closed_until: Date | null }>(
    `UPDATE provider_state SET state = $2, failures = $3, closings = $4, probe = NULL, probe_until = NULL,
       reason = $5, closed_until = clock_timestamp() + $6::float8 * interval '1 ms', changed_at = clock_timestamp()
     WHERE name = $1 RETURNING closed_until`,
    [name, next.state, next.failures, next.closings, next.state === 'closed' ? error.message : null, forMs],
  );
  if (next.state === 'open') return { closed: null, closing: false };
  return { closed: { name, until: rows[0]?.closed_until?.toISOString() ?? null }, closing: true };
}

/** Null = until an operator resumes it. */
function closingMs(
  sign: FailureSign,
  { closings }: GateState,
  { retryAfterMs }: StageError,
  { times }: Pick<Config, 'times'>,
): number | null {
  if (sign === 'account') return null;
  return sign === 'exhausted'
    ? (retryAfterMs ?? EXHAUSTED_MS)
    : closedForMs(closings, times.providerClosedMs);
}
