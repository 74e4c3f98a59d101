import { expect, test } from 'vitest';
import { liveLines } from '../../../cli/client/live-screen.ts';
import { chooseScreen } from '../../../cli/client/screens.ts';
import { slugOf } from '../../../cli/client/slug.ts';
import { advance, newVideoState } from '../../../cli/client/video-state.ts';
import type { NewEvent, PipelineEvent } from '../../../domain/events.ts';
import { createTestTerminal } from '../../support/test-terminal.ts';

const VIDEO = '0b0f2a52-6a52-4d3c-9d3e-9a8a1f6f0a11';
const START = Date.parse('2026-01-02T03:04:00Z');

function event(atS: number, fields: NewEvent): PipelineEvent {
  return { id: `${atS}-0`, at: new Date(START + atS * 1000).toISOString(), ...fields } as PipelineEvent;
}

const progress = (atS: number, percent: number) =>
  event(atS, { type: 'stage.progress', video_id: VIDEO, stage: 'video_rendering', percent, progress: 20 });

const RENDER = [
  event(1, { type: 'stage.started', video_id: VIDEO, stage: 'video_rendering', attempt: 1, progress: 25 }),
  ...[3, 24, 26, 40, 49.9, 77, 80, 100].map((percent, i) => progress(2 + i, percent)),
  event(20, {
    type: 'cost.charged',
    video_id: VIDEO,
    service: 'cpu_compute',
    operation: 'render',
    amount: 0.0123,
    total: 0.4123,
  }),
  event(21, {
    type: 'stage.completed',
    video_id: VIDEO,
    stage: 'video_rendering',
    progress: 85,
    duration_ms: 20_000,
    cost: 0.0123,
    reused: false,
    providers: { renderer: 'ffmpeg\nlibx264' },
  }),
];

function watch(terminal: ReturnType<typeof createTestTerminal>, json: boolean) {
  const screen = chooseScreen(terminal, json);
  let state = newVideoState(START);
  screen.open({ videoId: VIDEO, temporal: 'http://ui/x' });
  for (const one of RENDER) {
    const item = { kind: 'event', event: one } as const;
    state = advance(state, item);
    screen.show(item, state);
  }
  screen.close();
  return state;
}

test('a log gets a line at the start of a stage, at each quarter and at its end', () => {
  const terminal = createTestTerminal();
  watch(terminal, false);
  expect(terminal.out.trimEnd().split('\n')).toEqual([
    `Video ${VIDEO}`,
    'Temporal UI http://ui/x',
    '[0:01] video_rendering started',
    '[0:04] video_rendering 26 % · $0.00',
    '[0:07] video_rendering 77 % · $0.00',
    '[0:21] video_rendering done in 20.0 s (ffmpeg libx264) · $0.4123',
  ]);
});

test('JSON output is one object per event', () => {
  const terminal = createTestTerminal();
  watch(terminal, true);
  expect(
    terminal.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(RENDER);
});

test('a terminal shows one line per stage and no line wider than it is', () => {
  const terminal = createTestTerminal({ columns: 50 });
  const state = watch(terminal, false);
  const lines = liveLines(state, START + 30_000);
  expect(lines).toHaveLength(7);
  expect(lines[3]).toBe('✓ video_rendering    ████████████████████ 100 %   0:20  ffmpeg libx264');
  expect(lines[6]).toContain('0:30 · $0.4123 so far');
  const drawn = terminal.out
    .split('\n')
    .filter((line) => line.includes('\u001b[2K'))
    .map((line) => line.split('\u001b[2K')[1] ?? '');
  expect(drawn.every((line) => line.length <= 49)).toBe(true);
});

test.each([
  ['The Deep Sea: Mapped!', 'the-deep-sea-mapped'],
  ['../../etc/passwd', 'etc-passwd'],
  ['Über Straße', 'uber-straße'],
  ['한국어 제목', '한국어-제목'],
  ['***', 'video'],
])('names the folder of %j %j', (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});
