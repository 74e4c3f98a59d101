import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { strangersIn } from '../infra/embedded/data-folder.ts';
import { isOwned, readLock } from '../infra/embedded/lock-file.ts';
import { shelterOf } from '../infra/embedded/postgres-home.ts';
import { runsAs } from '../infra/embedded/process-identity.ts';
import { lastLines } from '../infra/embedded/service.ts';
import { CliError } from './client/cli-error.ts';
import { confirm } from './client/confirm.ts';
import { processTerminal, type Terminal } from './client/terminal.ts';
import { isHealthy } from './stack.ts';
import { stopStack } from './stop-stack.ts';

const LOG_LINES = 20;
const STRANGERS_SHOWN = 3;
/** What `npm run stack` takes. */
export const STACK_USAGE =
  'Use: npm run stack -- status | stop | reset [--yes] | logs [service] | backup [file] | restore file [--force]';

/** `npm run stack -- status|stop|reset|logs|backup|restore`. Exit code 1 of `status` says that the stack is down. */
export async function runStackCommand(
  [action, ...args]: string[],
  dataDir: string,
  terminal: Terminal = processTerminal(),
): Promise<number> {
  if (action === 'status') return status(dataDir);
  if (action === 'stop') return stop(dataDir);
  if (action === 'reset') return reset(dataDir, args[0] === '--yes', terminal);
  if (action === 'logs') return logs(dataDir, args[0]);
  if (action === 'backup' || action === 'restore') {
    const commands = await import('./stack-backup.ts');
    return told(terminal, commands[action](args, dataDir, terminal));
  }
  process.stderr.write(`${STACK_USAGE}\n`);
  return 2;
}

/** The exit code of a command; what is wrong with it is one line. */
async function told(terminal: Terminal, command: Promise<number>): Promise<number> {
  try {
    return await command;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    terminal.error(error.message);
    return error.exitCode;
  }
}

async function status(dataDir: string): Promise<number> {
  const lock = readLock(dataDir);
  if (!lock || !isOwned(lock)) {
    print(`The stack is down (data: ${dataDir}).`);
    return 1;
  }
  const healthy = lock.api !== null && (await isHealthy(lock.api));
  print(`The stack is ${healthy ? 'up' : 'starting or unwell'} (data: ${dataDir}, process ${lock.pid}).`);
  print(`API          ${lock.api ?? '-'}\nTemporal UI  ${lock.temporal_ui ?? '-'}`);
  for (const [service, { pid, mark, port, ready_ms }] of Object.entries(lock.services)) {
    const state = !runsAs(pid, mark) ? 'down' : ready_ms === null ? 'starting' : 'ready';
    print(`${service.padEnd(12)} ${state}, process ${pid}${port ? `, port ${port}` : ''}`);
  }
  return healthy ? 0 : 1;
}

async function stop(dataDir: string): Promise<number> {
  const from = performance.now();
  const ran = await stopStack(dataDir);
  print(
    ran
      ? `The stack is stopped (${((performance.now() - from) / 1000).toFixed(1)} s).`
      : 'The stack was down.',
  );
  return 0;
}

/** Forgets every order, video and log, once it is told to; the tools in the cache and finished folders elsewhere stay. */
async function reset(dataDir: string, sure: boolean, terminal: Terminal): Promise<number> {
  const strangers = strangersIn(dataDir);
  if (strangers.length > 0) {
    const names = strangers.slice(0, STRANGERS_SHOWN).join(', ');
    terminal.error(
      `${dataDir} holds files that no stack has made (${names}): nothing was deleted. Set DATA_DIR to the stack's own folder, or move them away.`,
    );
    return 2;
  }
  const refused = await notConfirmed(terminal, `delete all orders, videos and logs in ${dataDir}`, sure);
  if (refused !== null) return refused;
  await stopStack(dataDir);
  for (const folder of [dataDir, shelterOf(dataDir)]) rmSync(folder, { recursive: true, force: true });
  terminal.write(`Removed ${dataDir} with all orders, artifacts and logs.\n`);
  return 0;
}

/** The exit code when the answer is no or nobody can be asked, null when it is yes. */
async function notConfirmed(terminal: Terminal, what: string, sure: boolean): Promise<number | null> {
  try {
    if (await confirm(terminal, what, sure)) return null;
    terminal.error('Nothing was deleted.');
    return 1;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    terminal.error(error.message);
    return error.exitCode;
  }
}

function logs(dataDir: string, name: string | undefined): number {
  const folder = join(dataDir, 'logs');
  const files = listLogs(folder).filter((file) => !name || file === `${name}.log`);
  if (files.length === 0) {
    process.stderr.write(name ? `No log of "${name}" in ${folder}.\n` : `No logs in ${folder}.\n`);
    return 1;
  }
  for (const file of files) print(`${join(folder, file)}\n${lastLines(join(folder, file), LOG_LINES)}`);
  return 0;
}

function listLogs(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.log'));
  } catch {
    return [];
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
