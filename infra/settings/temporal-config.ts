import type { Env } from './env.ts';

export interface TemporalConfig {
  address: string;
  namespace: string;
  ui: string | null;
  taskQueuePrefix: string;
  /** Null = without encryption. Files are named here and read when a connection is made. */
  tls: {
    serverName: string | null;
    serverCa: string | null;
    client: { certificate: string; key: string } | null;
  } | null;
  /** Version of the workers by which Temporal hands out its work; null = it makes no difference between workers. */
  deployment: { name: string; buildId: string } | null;
}

/** Reads the variables that Temporal's own tools read too; throws on a pair of which one half is missing. */
export function temporalConfig(env: Env): TemporalConfig {
  return {
    address: env.TEMPORAL_ADDRESS ?? '',
    namespace: env.TEMPORAL_NAMESPACE ?? 'default',
    ui: env.TEMPORAL_UI ?? null,
    taskQueuePrefix: env.TASK_QUEUE_PREFIX ?? '',
    tls: tlsOf(env),
    deployment: deploymentOf(env),
  };
}

/** As Temporal's own tools have it: a key or a certificate turns encryption on. */
function tlsOf(env: Env): TemporalConfig['tls'] {
  const [certificate, key] = [env.TEMPORAL_TLS_CLIENT_CERT_PATH, env.TEMPORAL_TLS_CLIENT_KEY_PATH];
  if ((certificate === undefined) !== (key === undefined)) {
    throw new Error('set both TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or neither');
  }
  const serverName = env.TEMPORAL_TLS_SERVER_NAME ?? null;
  const serverCa = env.TEMPORAL_TLS_SERVER_CA_CERT_PATH ?? null;
  const client = certificate === undefined || key === undefined ? null : { certificate, key };
  if (env.TEMPORAL_TLS === false && env.TEMPORAL_API_KEY !== undefined) {
    throw new Error('TEMPORAL_TLS=false would send TEMPORAL_API_KEY in clear: leave one of them out');
  }
  const implied =
    env.TEMPORAL_API_KEY !== undefined || client !== null || serverCa !== null || serverName !== null;
  return (env.TEMPORAL_TLS ?? implied) ? { serverName, serverCa, client } : null;
}

function deploymentOf(env: Env): TemporalConfig['deployment'] {
  const [name, buildId] = [env.TEMPORAL_DEPLOYMENT_NAME, env.TEMPORAL_WORKER_BUILD_ID];
  if (name === undefined && buildId === undefined) return null;
  if (name === undefined || buildId === undefined) {
    throw new Error('set both TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID, or neither');
  }
  return { name, buildId };
}
