import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { METRICS, type MetricName, type MetricSpec } from '../../domain/metrics.ts';
import { projectRoot } from '../../infra/project-root.ts';
import { readCompose } from '../support/compose-file.ts';
import { parsePromQl, readExpressions, readPanels, readRules } from '../support/promql.ts';

const TABLE: Record<string, MetricSpec> = METRICS;
const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
/** What Prometheus adds to each sample, and the bound of a bucket. */
const ADDED = ['instance', 'job'];

/** The metric of our table that a series belongs to; null for those of others. */
function specOf(series: string): MetricSpec | null {
  if (!series.startsWith('ytempire_')) return null;
  const spec = TABLE[series] ?? TABLE[series.replace(/_(bucket|sum|count)$/, '')];
  if (!spec || (spec.type === 'histogram') !== /_(bucket|sum|count)$/.test(series)) {
    throw new Error(`${series} is no series of ours`);
  }
  return spec;
}

test('metrics are named as Prometheus wants it, and no label tells one video, channel or user from another', () => {
  for (const [name, { type, help, labels, buckets }] of Object.entries(TABLE)) {
    expect(name).toMatch(/^ytempire_[a-z_]+$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(help.length, name).toBeGreaterThan(10);
    expect(buckets ?? [], name).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
    for (const label of labels) expect(label).not.toMatch(/video|channel|user|id$|machine/);
  }
  expect(METRICS.ytempire_admission_latency_seconds.buckets).toContain(0.1);
});

test('the dashboard and the rules name metrics and labels that exist, and count only what counts', () => {
  const expressions = readExpressions();
  expect(expressions.length).toBeGreaterThan(50);
  for (const { where, expr } of expressions) {
    const { metrics, labels } = parsePromQl(expr);
    expect(metrics.length, where).toBeGreaterThan(0);
    const own = metrics.flatMap(({ name }) => specOf(name) ?? []);
    const known = new Set([...own.flatMap((spec) => spec.labels), ...ADDED, 'le']);
    if (own.length === metrics.length) {
      for (const label of labels) expect([...known], `${where}: ${label}`).toContain(label);
    }
    for (const { name, matched, ranged } of metrics) {
      const spec = specOf(name);
      if (!spec) continue;
      for (const label of matched) expect([...spec.labels, ...ADDED], `${where}: ${name}`).toContain(label);
      expect(ranged, `${where}: a rate is of a counter, ${name} is a ${spec.type}`).toBe(
        spec.type !== 'gauge',
      );
    }
  }
});

test('every metric has its place on the dashboard', () => {
  const shown = readPanels()
    .flatMap(({ targets = [] }) => targets)
    .flatMap(({ expr }) => parsePromQl(expr).metrics)
    .map(({ name }) => name.replace(/_(bucket|sum|count)$/, ''));
  for (const name of Object.keys(METRICS)) expect(shown).toContain(name);
});

test('every alert says how bad it is, what has happened and what to do', () => {
  const rules = readRules();
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect(labels.severity, alert).toMatch(/^(critical|warning)$/);
    expect(annotations.summary.length, alert).toBeGreaterThan(15);
    expect(annotations.action.length, alert).toBeGreaterThan(15);
  }
});

test('the example of Prometheus scrapes the processes of the compose file on the ports that they are given', () => {
  const text = read('infra/observability/prometheus/prometheus.yml');
  // What is commented out is for a profile, and has to be right as well once it counts.
  const config = parse(text.replaceAll('# - targets:', '- targets:')) as {
    rule_files: string[];
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
  };
  for (const file of config.rule_files) {
    expect(existsSync(join(projectRoot, 'infra/observability/prometheus', file))).toBe(true);
  }
  const { services } = readCompose();
  const portOf = {
    'ytempire-api': 'API_PORT',
    'ytempire-worker': 'METRICS_PORT',
    'ytempire-temporal-sdk': 'TEMPORAL_METRICS_PORT',
  };
  expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual(Object.keys(portOf));
  for (const { job_name, static_configs } of config.scrape_configs) {
    const targets = static_configs.flatMap((each) => each.targets);
    const scraped = Object.keys(services).filter((name) =>
      job_name === 'ytempire-api' ? name === 'api' : name.startsWith('worker-'),
    );
    expect(targets.map((target) => target.split(':')[0]).sort()).toEqual(scraped.sort());
    for (const target of targets) {
      const [service = '', port] = target.split(':');
      expect(services[service]?.environment?.[portOf[job_name as keyof typeof portOf]], target).toBe(port);
    }
  }
});

test('docs/metrics.md lists every metric as the table has it, and every alert', () => {
  const rows = read('docs/metrics.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const expected = (Object.entries(TABLE) as [MetricName, MetricSpec][]).map(([name, spec]) => [
    `\`${name}\``,
    spec.type,
    spec.labels.join(', '),
    spec.of,
    spec.help,
  ]);
  expect(rows.filter(([name]) => name?.startsWith('`ytempire_'))).toEqual(expected);
  const alerts = rows
    .filter(([name]) => /^`[A-Z]/.test(name ?? ''))
    .map(([name]) => name?.replaceAll('`', ''));
  expect(alerts).toEqual(readRules().map(({ alert }) => alert));
});
