import { matching, text, variable, yesOrNo } from './env-values.ts';

/** Postgres, Redis and Temporal of the operator, and what is ours in them. */
export const SERVERS = {
  DATABASE_URL: variable(text, 'A Postgres of yours; without it one is started, and so for the next two.'),
  REDIS_URL: variable(text, 'A Redis of yours.'),
  TEMPORAL_ADDRESS: variable(text, 'A Temporal server of yours, as host:port.'),
  TEMPORAL_UI: variable(text, 'URL of its Web UI, for links.'),
  TEMPORAL_NAMESPACE: variable(text, 'Namespace in it.', 'default'),
  TEMPORAL_API_KEY: variable(text, 'API key for it, for example of Temporal Cloud; turns encryption on.'),
  TEMPORAL_TLS: variable(yesOrNo, 'Encrypts the connection to it; on with a key or one of the next four.'),
  TEMPORAL_TLS_CLIENT_CERT_PATH: variable(
    text,
    'File of the certificate by which we are known to it (mTLS), and',
  ),
  TEMPORAL_TLS_CLIENT_KEY_PATH: variable(text, 'the file of its private key.'),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: variable(text, 'File of the authority that has signed its certificate.'),
  TEMPORAL_TLS_SERVER_NAME: variable(text, 'Name in its certificate where the address has another.'),
  TEMPORAL_DEPLOYMENT_NAME: variable(text, 'Worker deployment whose current version gets the work, and'),
  TEMPORAL_WORKER_BUILD_ID: variable(
    text,
    'the version in it that this worker is. Without them any worker gets any work.',
  ),
  DATABASE_SCHEMA: variable(
    matching(/^[a-z_][a-z0-9_]*$/, 'lower-case letters, digits and _'),
    'Schema of the tables.',
    'public',
  ),
  REDIS_PREFIX: variable(text, 'Stands before every key and channel in Redis.', ''),
  TASK_QUEUE_PREFIX: variable(text, 'Stands before every task queue in Temporal.', ''),
};
