import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../infra/project-root.ts';

const FOLDER = join(projectRoot, 'infra', 'observability');

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; action: string };
}

interface Panel {
  type: string;
  title: string;
  targets?: { expr: string; legendFormat: string }[];
}

export function readRules(): AlertRule[] {
  const file = readFileSync(join(FOLDER, 'prometheus', 'rules.yml'), 'utf8');
  return (parse(file) as { groups: { rules: AlertRule[] }[] }).groups.flatMap(({ rules }) => rules);
}

export function readPanels(): Panel[] {
  const file = readFileSync(join(FOLDER, 'grafana', 'ytempire.json'), 'utf8');
  return (JSON.parse(file) as { panels: Panel[] }).panels;
}

/** Every expression of the dashboard and of the rules, with where it stands. */
export function readExpressions(): { where: string; expr: string }[] {
  const shown = readPanels().flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel ${title}`, expr })),
  );
  return [...shown, ...readRules().map(({ alert, expr }) => ({ where: `alert ${alert}`, expr }))];
}

export interface Expression {
  metrics: { name: string; matched: string[]; ranged: boolean }[];
  /** Labels that aggregations and matchings name. */
  labels: string[];
}

const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const SELECTOR = /([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?(\[[^\]]*\])?/g;
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset']);

/** Takes an expression of PromQL apart as far as is needed to know its names. Throws when its brackets do not match. */
export function parsePromQl(expr: string): Expression {
  const plain = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  requireBrackets(plain);
  const labels = [...plain.matchAll(GROUPING)].flatMap(([, names = '']) => namesIn(names));
  const rest = plain.replace(GROUPING, ' ');
  const metrics = [...rest.matchAll(SELECTOR)].flatMap((match) => {
    const [whole, name = '', matchers = '', range] = match;
    const after = rest.slice(match.index + whole.length).trimStart();
    const before = rest[match.index - 1] ?? ' ';
    if (after.startsWith('(') || WORDS.has(name) || /[\w.]/.test(before)) return [];
    const matched = matchers.split(',').flatMap((each) => /^\s*(\w+)\s*(?:=|!)/.exec(each)?.[1] ?? []);
    return [{ name, matched, ranged: range !== undefined }];
  });
  return { metrics, labels };
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function requireBrackets(text: string): void {
  const open: string[] = [];
  const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
  for (const char of text) {
    if ('([{'.includes(char)) open.push(char);
    if (pairs[char] && open.pop() !== pairs[char]) throw new Error(`brackets do not match in ${text}`);
  }
  if (open.length > 0) throw new Error(`brackets do not match in ${text}`);
}
