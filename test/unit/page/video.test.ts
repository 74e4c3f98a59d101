import { expect, test } from 'vitest';
import { reasonWords, sayEvent } from '../../../api/page/event-words.ts';
import { standingOf } from '../../../api/page/video/header.tsx';
import { LOG_LINES, type LogLine, withEvent } from '../../../api/page/video/log-lines.ts';
import { stageRows } from '../../../api/page/video/stage-rows.ts';
import type { Attempt, Video } from '../../../api/page/video/video-answers.ts';
import { MOVES, type MoveName, whyNot } from '../../../api/page/video/video-moves.ts';
import { STAGE_NAMES, type StageName } from '../../../domain/stages.ts';
import { anEvent, aVideo } from './samples.ts';

const uploaded = (state: string) => ({ state, url: null, sent: 0, message: null });
const attempt = (stage: StageName, outcome: Attempt['outcome']): Attempt => ({
  ...{ stage, attempt: 1, outcome, kind: null, message: null, started_at: '2026-05-01T11:00:00.000Z' },
  ended_at: outcome && '2026-05-01T11:00:12.000Z',
});

test.each<[string, Partial<Video>, string]>([
  ['nothing has begun', {}, 'waiting'],
  ['it runs', { status: 'processing', attempts: [attempt('audio_synthesis', null)] }, 'running'],
  ['its result is there', { finished_stages: ['audio_synthesis'] }, 'done'],
  ['a retry has dropped its result', { attempts: [attempt('audio_synthesis', 'completed')] }, 'waiting'],
  [
    'it failed and is tried again',
    { status: 'processing', attempts: [attempt('audio_synthesis', 'failed')] },
    'failed',
  ],
  [
    'the video failed in it',
    { status: 'failed', stage: 'audio_synthesis', attempts: [attempt('audio_synthesis', 'failed')] },
    'failed',
  ],
  [
    'the video was cancelled in it',
    { status: 'cancelled', stage: 'audio_synthesis', attempts: [attempt('audio_synthesis', 'cancelled')] },
    'stopped',
  ],
  [
    'the video failed in it so long ago that its attempts are forgotten',
    { status: 'failed', stage: 'audio_synthesis', started_at: '2026-01-01T11:00:00.000Z' },
    'failed',
  ],
  [
    'the video has ended and its result is not kept',
    { status: 'failed', stage: 'video_rendering', attempts: [attempt('audio_synthesis', 'completed')] },
    'gone',
  ],
  [
    'the video has ended and it had not begun',
    {
      status: 'cancelled',
      stage: 'script_generation',
      attempts: [attempt('script_generation', 'cancelled')],
    },
    'waiting',
  ],
  ['the video was cancelled before its production', { status: 'cancelled' }, 'waiting'],
])('when %s, a stage is shown as such', (_, changed, state) => {
  const rows = stageRows(aVideo(changed), new Map([['audio_synthesis', { percent: 40, note: 'speaks' }]]));
  expect(rows.map(({ stage }) => stage)).toEqual(STAGE_NAMES);
  expect(rows[1]).toMatchObject({ state, percent: state === 'running' ? 40 : state === 'done' ? 100 : 0 });
  expect(rows.filter((row) => !['waiting', 'gone'].includes(row.state)).length).toBeLessThan(2);
});

test('a stage shows how long its result took, its errors, and each warning once', () => {
  const warning = { stage: 'audio_synthesis', message: 'a robotic voice' } as const;
  const [, row] = stageRows(
    aVideo({
      finished_stages: ['audio_synthesis'],
      attempts: [attempt('audio_synthesis', 'failed'), attempt('audio_synthesis', 'completed')],
      errors: [
        {
          ...{ stage: 'audio_synthesis', attempt: 1, kind: 'timeout', severity: 'high' },
          message: '',
          at: '',
          next: '',
        },
      ],
      warnings: [warning, warning],
    }),
    new Map(),
  );
  expect(row).toMatchObject({
    tookMs: 12_000,
    warnings: ['a robotic voice'],
    failures: [{ kind: 'timeout' }],
  });
});

test.each<[Partial<Video>, string]>([
  [{ status: 'cancelled', reason: 'cost_limit' }, 'The next step does not fit into its budget'],
  [{ status: 'failed', reason: 'timeout', message: 'no answer' }, 'Timeout: no answer'],
  [{ status: 'processing', paused: true }, 'Pauses after the stage that runs'],
  [{ cancelling: true }, 'Is being cancelled'],
  [{ waiting_for: 'provider:openai' }, 'Waits for the service openai'],
])('the standing of a video is said in words: %j', (changed, words) => {
  expect(standingOf(aVideo(changed))).toBe(words);
});

test('an unknown reason is shown as it is, and an event of a newer server says nothing', () => {
  expect(reasonWords('solar_flare')).toBe('solar flare');
  expect(
    sayEvent({ ...anEvent('provider.opened', { provider: 'x' }), type: 'video.sung' } as never),
  ).toBeNull();
});

test('the log is bounded, has its newest line last, and none twice', () => {
  let log: readonly LogLine[] = [];
  for (let n = 0; n < 2 * LOG_LINES; n += 1) {
    const event = { ...anEvent('provider.opened', { provider: `p${n >> 1}` }), id: `${n >> 1}-0` };
    log = withEvent(log, event);
    log = withEvent(log, anEvent('stage.progress', { stage: 'video_rendering', percent: 1, progress: 1 }));
  }
  expect(log).toHaveLength(LOG_LINES);
  expect(log.at(-1)?.text).toBe(`p${LOG_LINES - 1} is open again`);
});

test.each<[string, Partial<Video>, MoveName[]]>([
  ['waits', {}, ['cancel', 'pause', 'priority', 'budget']],
  ['is paused', { paused: true }, ['cancel', 'resume', 'priority', 'budget']],
  ['is being cancelled', { cancelling: true }, ['pause', 'priority', 'budget']],
  ['has ended', { status: 'failed' }, ['retry', 'budget', 'delete']],
  ['is finished', { status: 'completed' }, ['retry', 'budget', 'publish', 'delete']],
  [
    'is being uploaded',
    { status: 'completed', publication: uploaded('uploading') },
    ['retry', 'budget', 'delete'],
  ],
  [
    'is published',
    { status: 'completed', publication: uploaded('published') },
    ['retry', 'budget', 'delete'],
  ],
  [
    'failed to be published',
    { status: 'completed', publication: uploaded('failed') },
    ['retry', 'budget', 'publish', 'delete'],
  ],
  [
    'has lost its files',
    { status: 'completed', artifacts_expired_at: '2026-06-01' },
    ['retry', 'budget', 'delete'],
  ],
])('of a video that %s only what applies can be moved, and the rest says why not', (_, changed, moves) => {
  const names = Object.keys(MOVES) as MoveName[];
  const video = aVideo(changed);
  expect(names.filter((name) => whyNot(name, video) === null)).toEqual(moves);
  for (const name of names) expect(whyNot(name, video) ?? 'It.').toMatch(/^[A-Z].*\.$/);
});
