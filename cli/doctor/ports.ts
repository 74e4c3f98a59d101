import { freePort, PREFERRED_PORTS } from '../../infra/embedded/ports.ts';
import { type Check, type Finding, ok, warn } from './check.ts';
import { listenerOn } from './listener.ts';
import type { Patient } from './patient.ts';

interface Wanted {
  what: string;
  service: string;
  port: number;
  /** What the operator may do, beside freeing the port. */
  mend: string;
}

/** The ports that the stack would like to have; a busy one is replaced, so none of this is a failure. */
export function portChecks({ env, lock }: Patient): Check[] {
  const { api, temporal, temporalUi, postgres, redis } = PREFERRED_PORTS;
  const wanted: Wanted[] = [
    { what: 'API', service: 'api', port: env.API_PORT ?? api, mend: 'or set API_PORT' },
  ];
  const own = 'or leave it, the stack finds its own';
  if (!env.TEMPORAL_ADDRESS) {
    wanted.push({ what: 'Temporal', service: 'temporal', port: temporal, mend: own });
    wanted.push({ what: 'Temporal UI', service: 'temporal', port: temporalUi, mend: own });
  }
  if (!env.DATABASE_URL) wanted.push({ what: 'Postgres', service: 'postgres', port: postgres, mend: own });
  if (!env.REDIS_URL) wanted.push({ what: 'Redis', service: 'redis', port: redis, mend: own });
  return wanted.map((one) => ({
    name: `port ${one.port}`,
    mend: own,
    run: () => checkPort(one, lock?.services[one.service]),
  }));
}

async function checkPort(
  { what, port, mend }: Wanted,
  ours: { pid: number; port: number | null } | undefined,
): Promise<Finding> {
  if (port === 0 || (await freePort(port)) === port) return ok(`free for ${what}`);
  const listener = listenerOn(port);
  if (listener?.pid === ours?.pid && ours) return ok(`our own ${what} listens`);
  if (ours?.port === port) return ok(`our own ${what} listens`);
  const who = listener ? `${listener.program}, process ${listener.pid}` : 'another program';
  return warn(`taken by ${who}; ${what} uses another port`, `end that program ${mend}`);
}
