/** A backup that cannot be written or restored; the message says why and what to do, and nothing was changed. */
export class BackupError extends Error {
  override name = 'BackupError';
}
