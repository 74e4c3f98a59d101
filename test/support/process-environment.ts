import type { TestDeps } from './test-deps.ts';

/** The variables by which a process of the pipeline finds the servers, and the names, of a test. */
export function environmentOf({ config }: TestDeps): Record<string, string> {
  return {
    DATABASE_URL: config.databaseUrl,
    DATABASE_SCHEMA: config.schema,
    REDIS_URL: config.redisUrl,
    REDIS_PREFIX: config.redisPrefix,
    TEMPORAL_ADDRESS: config.temporal.address,
    TASK_QUEUE_PREFIX: config.temporal.taskQueuePrefix,
    ARTIFACTS: `file:${config.artifactsDir}`,
    DATA_DIR: config.dataDir,
    MACHINE_ID: config.machine.id,
    LOG_LEVEL: 'warn',
  };
}
