import type { Env } from './env.ts';

/** Days that rows are kept; 0 = for ever. */
export interface RetentionConfig {
  /** Attempts, errors and notifications, from the end of their video. */
  recordDays: number;
  analyticsDays: number;
  auditDays: number;
}

export function retentionConfig(env: Env): RetentionConfig {
  return {
    recordDays: env.RETENTION_DAYS ?? 90,
    analyticsDays: env.ANALYTICS_DAYS ?? 730,
    auditDays: env.AUDIT_DAYS ?? 0,
  };
}

/** How large a log file may grow, and how many full ones are kept beside it. */
export interface LogLimits {
  maxBytes: number;
  keep: number;
}

export function logLimits(env: Env): LogLimits {
  return { maxBytes: (env.LOG_MAX_MB ?? 10) * 1024 ** 2, keep: env.LOG_KEEP ?? 3 };
}
