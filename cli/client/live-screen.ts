import { formatDollars } from '../../domain/money.ts';
import { STAGE_NAMES, type StageName } from '../../domain/stages.ts';
import { formatElapsed, oneLine } from './format.ts';
import { headLines, type Screen } from './screen.ts';
import type { Terminal } from './terminal.ts';
import { cutTo } from './text-width.ts';
import { newVideoState, type StageState, type VideoState } from './video-state.ts';

const REDRAW_MS = 250;
const MARK = { waiting: '·', running: '▸', done: '✓', failed: '✗' } as const;
const BAR_CELLS = 20;
const ERASE_LINE = '\u001b[2K';
const up = (lines: number) => `\u001b[${lines}A\r`;

/** One line a stage, drawn over itself; the elapsed time runs on between events. */
export function createLiveScreen(terminal: Terminal): Screen {
  let state: VideoState = newVideoState(Date.now());
  let drawn = 0;
  const draw = () => {
    const width = Math.max(20, (terminal.columns() ?? 80) - 1);
    const lines = liveLines(state, Date.now()).map((line) => ERASE_LINE + cutTo(line, width));
    terminal.write(`${drawn > 0 ? up(drawn) : ''}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    open: (head) => {
      terminal.write(`${headLines(head).join('\n')}\n`);
      draw();
      timer = setInterval(draw, REDRAW_MS);
    },
    show: (_item, next) => {
      state = next;
    },
    close: () => {
      clearInterval(timer);
      draw();
    },
  };
}

/** The block that is redrawn: a line for each stage and one for the whole video. */
export function liveLines(state: VideoState, nowMs: number): string[] {
  return [...STAGE_NAMES.map((name) => stageLine(name, state.stages[name], nowMs)), totalLine(state, nowMs)];
}

function stageLine(name: StageName, stage: StageState, nowMs: number): string {
  const percent = Math.floor(stage.percent);
  const full = Math.round((percent / 100) * BAR_CELLS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CELLS - full);
  const until = stage.state === 'running' ? nowMs : stage.endedMs;
  const time = stage.state === 'waiting' ? '' : formatElapsed(until - stage.startedMs);
  const head = `${MARK[stage.state]} ${name.padEnd(18)} ${bar} ${String(percent).padStart(3)} %`;
  return `${head} ${time.padStart(6)}  ${oneLine(stage.note)}`.trimEnd();
}

function totalLine(state: VideoState, nowMs: number): string {
  const queued = state.status === 'queued' && state.position !== null ? ` at position ${state.position}` : '';
  const waits = state.status === 'queued' && state.waitingFor ? `, waits for ${state.waitingFor}` : '';
  const elapsed = formatElapsed(nowMs - state.startedMs);
  return `  ${state.status}${queued}${waits} · ${elapsed} · ${formatDollars(state.cost)} so far`;
}
