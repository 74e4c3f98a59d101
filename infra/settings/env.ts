import { createHash } from 'node:crypto';
import type { Variable } from './env-values.ts';
import { VARIABLES } from './env-variables.ts';

/**
 * The only file that reads the environment. Every name is optional; defaults and cross-checks are in
 * config.ts. It loads no library, since the shortest command reads it too.
 */

type Variables = typeof VARIABLES;

export type Env = {
  [Name in keyof Variables]?: Variables[Name] extends Variable<infer T> ? T | undefined : never;
};

/** Reads the environment; throws an Error that lists every variable with a wrong value. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const problems: string[] = [];
  const values = Object.entries(VARIABLES).flatMap(([name, { parse }]) => {
    const value = source[name];
    if (value === undefined || value === '') return [];
    try {
      return [[name, parse(value)]];
    } catch (error) {
      // Not the value: it may be a key that was put beside the wrong name.
      problems.push(`${name}: expected ${(error as Error).message}`);
      return [];
    }
  });
  if (problems.length === 0) return Object.fromEntries(values);
  throw new Error(`The environment or .env has wrong values:\n  ${problems.join('\n  ')}`);
}

/** Changes when any variable does: tells whether a running stack was started with the settings of now. */
export function settingsMark(source: NodeJS.ProcessEnv = process.env): string {
  const set = Object.keys(VARIABLES).map((name) => `${name}=${source[name] ?? ''}`);
  return createHash('sha256').update(set.sort().join('\0')).digest('hex').slice(0, 16);
}

/** The environment that child processes may see parts of; see activities/child.ts. */
export const childEnvironment: Readonly<NodeJS.ProcessEnv> = process.env;
