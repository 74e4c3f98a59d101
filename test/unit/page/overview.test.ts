import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertsOf, toldBy } from '../../../api/page/overview/alerts.ts';
import { channelsOf, chooseRows } from '../../../api/page/overview/choose.ts';
import { rowsInView } from '../../../api/page/overview/rows-in-view.ts';
import { waitingWords } from '../../../api/page/overview/waiting-words.ts';
import { rowOf } from '../../../api/page/video-row.ts';
import { ERROR_KINDS } from '../../../domain/errors.ts';
import { ALERTS, channelMessages } from '../../../infra/events/channels.ts';
import { aLine, anEvent } from './samples.ts';

const ALL = { status: 'now', channel: '', text: '' } as const;
const rows = [
  aLine({ video_id: 'c', status: 'completed', completed_at: '2026-05-01T10:00:00Z', channel_id: 'b' }),
  aLine({ video_id: 'q2', position: 2, subject: 'Volcanoes sleep' }),
  aLine({ video_id: 'f', status: 'failed', completed_at: '2026-05-01T11:00:00Z', reason: 'quality' }),
  aLine({ video_id: 'q1', position: 1 }),
  aLine({ video_id: 'p', status: 'processing', started_at: '2026-05-01T09:00:00Z' }),
].map(rowOf);
const idsOf = (filter: Partial<Parameters<typeof chooseRows>[1]>) =>
  chooseRows(rows, { ...ALL, ...filter }).map(({ video_id }) => video_id);

test('production comes first, then the queue by position, then what ended last', () => {
  expect(idsOf({})).toEqual(['p', 'q1', 'q2', 'f', 'c']);
});

test('a list is filtered by status, by channel and by every word', () => {
  expect(idsOf({ status: 'queued' })).toEqual(['q1', 'q2']);
  expect(idsOf({ channel: 'b' })).toEqual(['c']);
  expect(idsOf({ text: 'SLEEP volc' })).toEqual(['q2']);
  expect(idsOf({ text: 'quality' })).toEqual(['f']);
  expect(channelsOf(rows)).toEqual(['b', 'deep-blue']);
});

test('only rows in view are drawn, wherever the list is scrolled to, and every seen row is', () => {
  const size = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(
      fc.integer({ min: -50_000, max: 50_000 }),
      fc.integer({ min: 100, max: 3_000 }),
      size,
      size,
      (top, seen, height, count) => {
        const { first, end } = rowsInView(top, seen, height, count);
        expect(first >= 0 && end <= count && first <= end).toBe(true);
        expect(end - first).toBeLessThanOrEqual(seen / height + 15);
        for (let index = 0; index < count; index++) {
          const at = top + index * height;
          if (at + height > 0 && at < seen) expect(index >= first && index < end).toBe(true);
        }
      },
    ),
  );
});

test.each([
  [{ paused: true, waiting_for: 'paused', complexity: 'simple' }, 'Paused by an operator'],
  [{ paused: false, waiting_for: 'halted', complexity: 'simple' }, 'The pipeline is halted'],
  [{ paused: false, waiting_for: 'place', complexity: 'complex' }, 'Waits for a gpu place'],
  [{ paused: false, waiting_for: 'provider:openai', complexity: 'simple' }, 'Waits for the service openai'],
  [{ paused: false, waiting_for: 'disk', complexity: 'simple' }, 'Waits for free disk'],
] as const)('%o is told as "%s"', (row, words) => {
  expect(waitingWords(row)).toBe(words);
});

test('a closed service, an unwell part and a video near its limit are alerts, the worst first', () => {
  const part = (status: string, reason: string | null = null) => ({ status, reason });
  const health = {
    overall_status: 'degraded',
    components: {
      redis: part('degraded', 'Redis does not answer'),
      gpu: part('unavailable'),
      database: part('healthy'),
    },
  } as const;
  const provider = { name: 'openai', state: 'closed', reason: 'no balance', closed_until: null } as const;
  const near = rowOf(aLine({ status: 'processing', actual_cost: 2.8 }));
  const alerts = alertsOf(health, [provider], [near, rowOf(aLine({ actual_cost: 2.79 }))]);
  expect(alerts.map(({ key, severity }) => `${severity} ${key}`)).toEqual([
    'bad provider openai',
    'warn part redis',
    `warn limit ${near.video_id}`,
  ]);
});

test('an event that is no state is an alert of its own, and an ordinary one is none', () => {
  expect(toldBy(anEvent('cost.alert', { level: 'price_mismatch', cost: 1 }))?.severity).toBe('bad');
  expect(toldBy(anEvent('cost.alert', { level: 'warning', cost: 1 }))).toBeNull();
});

test.each(Object.keys(ERROR_KINDS))(
  'a failure of kind %s is an alert here where ALERT_WEBHOOK gets it',
  (kind) => {
    const event = anEvent('stage.failed', {
      ...{ stage: 'video_rendering', attempt: 1, message: 'm', next: 'n' },
      kind,
    });
    const goesOut = channelMessages(event, event.at).some(({ channel }) => channel === ALERTS);
    expect(toldBy(event) !== null).toBe(goesOut);
  },
);
