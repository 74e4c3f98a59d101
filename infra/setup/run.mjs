import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Programs that run now: they end with us, also at Ctrl-C. */
const living = new Set();

process.on('exit', () => {
  for (const child of living) child.kill();
});

function interrupted() {
  process.exit(130);
}

function began(child) {
  if (living.size === 0) for (const signal of SIGNALS) process.on(signal, interrupted);
  living.add(child);
}

function ended(child) {
  living.delete(child);
  if (living.size === 0) for (const signal of SIGNALS) process.off(signal, interrupted);
}

/**
 * Runs a program and answers with its standard output. Rejects with one line that names the command and
 * holds the last words of its error output. `options` are those of spawn.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    began(child);
    const out = [];
    const errors = [];
    child.stdout?.on('data', (chunk) => out.push(chunk));
    child.stderr?.on('data', (chunk) => errors.push(chunk));
    const fail = (why) => reject(new Error(`${command} ${args.slice(0, 3).join(' ')}: ${why}`));
    child.on('error', (error) => {
      ended(child);
      fail(error.message);
    });
    child.on('close', (code, signal) => {
      ended(child);
      if (code === 0) resolve(Buffer.concat(out).toString());
      else fail(lastWords(Buffer.concat(errors).toString()) || `exit ${code ?? signal}`);
    });
  });
}

function lastWords(text) {
  return text.trim().split('\n').slice(-2).join(' ').trim();
}

/** Path of a program on PATH, or null. */
export function which(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

/** A program's answer to a question such as --version, or '' when it can't be run. */
export async function ask(command, args, options) {
  return run(command, args, options).catch(() => '');
}
