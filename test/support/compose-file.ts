import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../infra/project-root.ts';

export interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  tmpfs?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
  deploy?: unknown;
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  configs: Record<string, { content: string }>;
}

/** docker-compose.yml with its merges done, and its variables as they stand. */
export function readCompose(): Compose {
  return parse(readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8'), { merge: true });
}

const VARIABLE = /\$\{(\w+):([-+?])([^}]*)\}/g;

/**
 * The environment that a container is given, with the variables in their places as the Compose Specification has it:
 * `${A:-b}` is b where A is empty or missing, `${A:+b}` is b where it is not, `${A:?b}` fails with b.
 */
export function environmentOf(
  { environment = {} }: Service,
  operator: Record<string, string>,
): Record<string, string> {
  const substitute = (_all: string, name: string, kind: string, other: string) => {
    const value = operator[name] ?? '';
    if (kind === '+') return value === '' ? '' : other;
    if (kind === '?' && value === '') throw new Error(other);
    return value === '' ? other : value;
  };
  return Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [name, text.replace(VARIABLE, substitute)]),
  );
}
