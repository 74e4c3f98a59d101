import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../../infra/project-root.ts';
import { readPanels, readRules } from '../support/promql.ts';
import { tempFolders } from '../support/temp-folders.ts';

const FOLDER = join(projectRoot, 'infra/observability/prometheus');
const CASES = 'rules.test.yml';
/** Comes with Debian's package `prometheus`; CI installs it. */
const promtool = spawnSync('promtool', ['--version']).status === 0;
const folders = tempFolders('ytempire-rules-');

interface Cases {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
}

test('every alert has a case in which it fires', () => {
  const { tests } = parse(readFileSync(join(FOLDER, CASES), 'utf8')) as Cases;
  const fired = tests
    .flatMap((each) => each.alert_rule_test)
    .filter(({ exp_alerts }) => exp_alerts.length > 0)
    .map(({ alertname }) => alertname);
  expect([...new Set(fired)].sort()).toEqual(
    readRules()
      .map(({ alert }) => alert)
      .sort(),
  );
});

test.skipIf(!promtool)(
  'Prometheus fires each alert in its case, and in no other',
  () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', CASES], { cwd: FOLDER });
    expect(status, `${stdout}${stderr}`).toBe(0);
  },
  60_000,
);

test.skipIf(!promtool)(
  'Prometheus can read every expression of the dashboard',
  () => {
    const expressions = readPanels().flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = expressions.map((expr, n) => ({
      record: `dashboard:${n}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h'),
    }));
    const file = join(folders(), 'dashboard.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(execFileSync('promtool', ['check', 'rules', file]).toString()).toContain(`${rules.length} rules`);
  },
  60_000,
);
