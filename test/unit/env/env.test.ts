import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../infra/project-root.ts';
import { readConfig } from '../../../infra/settings/config.ts';
import { configurationPage } from '../../../infra/settings/configuration-page.ts';
import { readEnv, settingsMark } from '../../../infra/settings/env.ts';
import { envExample } from '../../../infra/settings/env-example.ts';
import { SECRET_NAMES, VARIABLES } from '../../../infra/settings/env-variables.ts';

const SERVERS = { DATABASE_URL: 'postgres://x', REDIS_URL: 'redis://x', TEMPORAL_ADDRESS: 'x:1' };
const KEYS = {
  ...Object.fromEntries(SECRET_NAMES.map((name) => [name, 'key'])),
  WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
};

test('.env.example is what the table of variables makes ("npm run ytempire env-example" writes it)', () => {
  expect(readFileSync(join(projectRoot, '.env.example'), 'utf8')).toBe(envExample());
});

test('docs/configuration.md is what the table of variables makes ("npm run ytempire env-example" writes it)', () => {
  expect(readFileSync(join(projectRoot, 'docs/configuration.md'), 'utf8')).toBe(configurationPage());
});

test('.env.example names every variable once, sets none, and holds every default', () => {
  const example = envExample();
  expect(parseEnv(example)).toEqual({});
  const uncommented = example.replace(/^#(?=[A-Z])/gm, '');
  expect(Object.keys(parseEnv(uncommented)).sort()).toEqual(Object.keys(VARIABLES).sort());
});

test('the defaults in the table are those that the configuration has', () => {
  const standards = Object.entries(VARIABLES).map(([name, { standard }]) => [name, standard ?? '']);
  const withStandards = { ...Object.fromEntries(standards), ...SERVERS, ...KEYS };
  expect(readConfig(readEnv(withStandards))).toEqual(readConfig(readEnv({ ...SERVERS, ...KEYS })));
});

test('every wrong value is named with what is expected, and none is shown', () => {
  const wrong = {
    API_PORT: '70000',
    RETRY_SCALE: 'much',
    OPENAI_BASE_URL: 'sk-secret',
    LOG_LEVEL: 'loud',
    TEMPORAL_IN_MEMORY: 'perhaps',
    DATABASE_SCHEMA: 'A-B',
    CPU_SLOTS: '1.5',
    DAILY_LIMIT_USD: '1.0000001',
    COST_CEILING_USD: '0.1',
    REPORT_TZ: 'Europe/Atlantis',
  };
  const read = () => readEnv(wrong);
  for (const name of Object.keys(wrong)) expect(read).toThrow(name);
  expect(read).toThrow('API_PORT: expected a whole number from 0 to 65535');
  expect(read).not.toThrow('sk-secret');
});

test.each(['0', '-1', '1e9', '2.5', 'three'])('slots and places of %s are refused by name', (value) => {
  for (const name of ['GPU_SLOTS', 'CPU_SLOTS', 'IO_SLOTS', 'GPU_PLACES', 'CPU_PLACES']) {
    expect(() => readEnv({ [name]: value })).toThrow(`${name}: expected a whole number from 1 to 1000`);
  }
});

test('an empty value is none, and numbers and switches are read as such', () => {
  const env = { API_PORT: '0', QUEUE_MAX: '', TEMPORAL_IN_MEMORY: 'true', RETRY_SCALE: '0.5', UNKNOWN: 'x' };
  expect(readEnv(env)).toEqual({ API_PORT: 0, TEMPORAL_IN_MEMORY: true, RETRY_SCALE: 0.5 });
});

test('the mark of the settings changes with a key, and not with what is no setting', () => {
  const mark = settingsMark({ DATA_DIR: 'x' });
  expect(settingsMark({ DATA_DIR: 'x', TERM: 'xterm', OPENAI_API_KEY: '' })).toBe(mark);
  expect(settingsMark({ DATA_DIR: 'x', OPENAI_API_KEY: 'k' })).not.toBe(mark);
});

test('money is read exactly, and a time zone by its IANA name alone', () => {
  expect(readEnv({ DAILY_LIMIT_USD: '12.000001', REPORT_TZ: 'America/New_York' })).toEqual({
    DAILY_LIMIT_USD: 12_000_001,
    REPORT_TZ: 'America/New_York',
  });
  for (const zone of ['+02:00', "UTC' OR '1", 'GMT+2', 'Berlin', '']) {
    expect(() => readEnv({ REPORT_TZ: zone || ' ' }), zone).toThrow('REPORT_TZ');
  }
});
