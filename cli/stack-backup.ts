import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openArtifacts } from '../infra/artifacts/store.ts';
import { type Adapted, adaptToStore, type Missing } from '../infra/backup/adapt.ts';
import { BackupError } from '../infra/backup/backup-error.ts';
import { restoreBackup } from '../infra/backup/restore-backup.ts';
import { writeBackup } from '../infra/backup/write-backup.ts';
import { isOwned, readLock } from '../infra/embedded/lock-file.ts';
import { withPostgresAlone } from '../infra/embedded/postgres-alone.ts';
import { type Config, readConfig } from '../infra/settings/config.ts';
import { readEnv } from '../infra/settings/env.ts';
import { readSecrets } from '../infra/settings/secrets.ts';
import { CliError, EXIT } from './client/cli-error.ts';
import type { Terminal } from './client/terminal.ts';

/** `npm run stack -- backup [file]`: all rows of the stack's Postgres, whether it runs or not. */
export async function backup([file]: string[], dataDir: string, terminal: Terminal): Promise<number> {
  requireOwnPostgres();
  const path = resolve(file ?? `ytempire-${new Date().toISOString().replaceAll(':', '-')}.backup`);
  if (existsSync(path)) throw new CliError(EXIT.badInput, `${path} is there already: name another file.`);
  const running = readLock(dataDir);
  const rows =
    running && isOwned(running) && running.postgres
      ? await writeBackup(configOf(running.postgres), path)
      : await whileDown(dataDir, (url) => writeBackup(configOf(url), path));
  terminal.write(`${path}: ${summary(rows)}. Copy the artifacts now, they are no part of it.\n`);
  return EXIT.completed;
}

/** `npm run stack -- restore file [--force]`: the stack's Postgres as the backup has it, or as it was. */
export async function restore(args: string[], dataDir: string, terminal: Terminal): Promise<number> {
  requireOwnPostgres();
  const [file, ...others] = args.filter((arg) => arg !== '--force');
  if (!file || others.length > 0)
    throw new CliError(EXIT.badInput, 'Use: npm run stack -- restore file [--force]');
  const path = resolve(file);
  if (!existsSync(path)) throw new CliError(EXIT.badInput, `There is no file ${path}.`);
  const force = args.includes('--force');
  const done = await whileDown(dataDir, (url) => restoreInto(configOf(url), dataDir, path, force));
  terminal.write(`Restored ${path} of ${done.made_at}: ${summary(done.rows)}.\n`);
  if (done.missing.stages + done.missing.shared > 0) terminal.write(`${missingText(done.missing)}\n`);
  if (done.missing.doubtful > 0) terminal.write(`${doubtfulText(done.missing)}\n`);
  terminal.write('"npm run up" goes on with the open videos.\n');
  return EXIT.completed;
}

async function restoreInto(config: Config, dataDir: string, path: string, force: boolean) {
  let missing: Adapted = { stages: 0, shared: 0, doubtful: 0 };
  const adapt = async (draft: Config) => {
    missing = await adaptToStore(draft, openArtifacts(config, readSecrets(readEnv())));
    // What Temporal knows is of another time: reconcile starts each open video anew, from its stored results.
    rmSync(join(dataDir, 'temporal'), { recursive: true, force: true });
  };
  const restored = await restoreBackup(config, path, { force, adapt });
  return { ...restored, missing };
}

function requireOwnPostgres(): void {
  if (readEnv().DATABASE_URL === undefined) return;
  throw new CliError(
    EXIT.badInput,
    'DATABASE_URL is set: back up that server of yours with pg_dump, restore it with pg_restore.',
  );
}

async function whileDown<T>(dataDir: string, work: (databaseUrl: string) => Promise<T>): Promise<T> {
  try {
    const done = await withPostgresAlone(dataDir, work);
    if (done !== null) return done;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    throw new CliError(EXIT.badInput, `Nothing was changed: ${error.message}.`, error);
  }
  throw new CliError(EXIT.badInput, 'The stack runs: end it first with "npm run stack -- stop".');
}

function configOf(DATABASE_URL: string): Config {
  return readConfig({ REDIS_URL: 'redis://unused', TEMPORAL_ADDRESS: 'unused', ...readEnv(), DATABASE_URL });
}

function summary(rows: Record<string, number>): string {
  const all = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return `${rows['video_queue'] ?? 0} videos, ${rows['pipeline_costs'] ?? 0} rows of the ledger, ${all} rows in all`;
}

function missingText({ stages, shared }: Missing): string {
  return (
    `The artifacts lack files of ${stages} finished stages of open videos and of ${shared} stored answers and shared files: ` +
    'these are made, and paid, again. With the artifacts in place, restore once more with --force.'
  );
}

function doubtfulText({ doubtful }: Adapted): string {
  return (
    `${doubtful} publications that waited may have gone to YouTube since the backup: look there, and send those that have not ` +
    'with POST /pipeline/videos/{id}/publish and {"upload_again": true}.'
  );
}
