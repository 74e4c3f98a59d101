import type { ProviderKind } from '../../domain/provider-gate.ts';
import type { Deps } from '../deps.ts';
import { audit } from '../moves/audit.ts';
import { closedProviderAlert, forgetAlert } from '../notify/alerts.ts';
import { admit } from '../queue/admission.ts';
import { inTransaction } from '../stores/postgres.ts';
import type { ConfiguredProvider } from './configured.ts';

/** A provider as GET /providers shows it. */
export interface ProviderView {
  name: string;
  kind: ProviderKind;
  state: 'open' | 'closed';
  /** Why it is closed. */
  reason: string | null;
  /** ISO 8601, when one video may try it; null while it is open, or closed until an operator resumes it. */
  closed_until: string | null;
}

/** Opens the gate, and forgets what closed it. */
export const OPENED = `state = 'open', reason = NULL, closed_until = NULL, failures = 0, closings = 0, probe = NULL,
  probe_until = NULL`;

/**
 * Makes `provider_state` say what is configured, at the start of a worker. Another address or key opens a gate that
 * the old one has closed; a provider that is no longer configured holds up nobody.
 */
export async function registerProviders(
  { pool }: Pick<Deps, 'pool'>,
  configured: readonly ConfiguredProvider[],
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    // One after the other, or two workers that start at once would lock the rows crosswise.
    await tx.query('LOCK TABLE provider_state IN SHARE ROW EXCLUSIVE MODE');
    await tx.query('DELETE FROM provider_state WHERE name <> ALL ($1)', [configured.map(({ name }) => name)]);
    for (const { name, kind, account, standIn } of configured) {
      await tx.query(
        `INSERT INTO provider_state (name, kind, account, stand_in) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, stand_in = excluded.stand_in`,
        [name, kind, account, standIn],
      );
      await tx.query(
        `UPDATE provider_state SET account = $2, ${OPENED} WHERE name = $1 AND account IS DISTINCT FROM $2`,
        [name, account],
      );
    }
  });
}

/** All providers that the workers have registered. */
export async function listProviders({ pool }: Pick<Deps, 'pool'>): Promise<ProviderView[]> {
  const { rows } = await pool.query<Omit<ProviderView, 'closed_until'> & { closed_until: Date | null }>(
    'SELECT name, kind, state, reason, closed_until FROM provider_state ORDER BY name',
  );
  return rows.map((row) => ({ ...row, closed_until: row.closed_until?.toISOString() ?? null }));
}

/**
 * An operator opens a provider's gate, and the videos that wait for it are admitted. Again is harmless. Returns the
 * provider, or null when there is none of that name.
 */
export async function resumeProvider(deps: Deps, name: string, who: string): Promise<ProviderView | null> {
  const opened = await inTransaction(deps.pool, async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE provider_state SET ${OPENED}, changed_at = clock_timestamp() WHERE name = $1 AND state = 'closed'`,
      [name],
    );
    if (rowCount !== 1) return false;
    await audit(tx, who, 'resume_provider', null, { provider: name });
    await forgetAlert(tx, closedProviderAlert(name));
    return true;
  });
  if (opened) {
    await admit(deps);
    await deps.events.publish({ type: 'pipeline.changed', video_id: null, change: 'provider_opened' });
  }
  return (await listProviders(deps)).find((provider) => provider.name === name) ?? null;
}
