import { variable, whole } from './env-values.ts';

const days = whole(0, 36_500);

/** How long is kept what the pipeline writes down about its work; files have ARTIFACT_DAYS. */
export const RETENTION = {
  RETENTION_DAYS: variable(
    days,
    'Days after the end of a video that its attempts, errors and notifications are kept; 0 keeps them for ever.',
    '90',
  ),
  ANALYTICS_DAYS: variable(days, 'Days that statistics of channels are kept; 0 keeps them for ever.', '730'),
  AUDIT_DAYS: variable(
    days,
    'Days that the log of what operators did is kept; 0 keeps it for ever. The ledger is always kept.',
    '0',
  ),
  LOG_MAX_MB: variable(
    whole(1, 10_000),
    'Megabytes of a log file of the stack before the next one is begun.',
    '10',
  ),
  LOG_KEEP: variable(whole(1, 100), 'Full files of each log that are kept, as NAME.log.1 and so on.', '3'),
};
