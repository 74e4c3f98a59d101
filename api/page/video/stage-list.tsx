import type { ReadonlySignal } from '@preact/signals';
import { clock, duration, STAGE_LABELS } from '../format.ts';
import { type Running, type StageRow, stageRows } from './stage-rows.ts';
import type { Failure, Video } from './video-answers.ts';

const MILD: ReadonlySet<string> = new Set(['low', 'medium', 'infrastructure']);

const WORDS: Record<StageRow['state'], string> = {
  waiting: 'Not begun',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  stopped: 'Stopped',
  gone: 'Not kept',
};

/** The six stages with their attempts and errors. */
export function StageList({
  video,
  running,
}: {
  video: Video;
  running: ReadonlySignal<ReadonlyMap<string, Running>>;
}) {
  return (
    <section class="panel" aria-labelledby="stages-title">
      <h2 id="stages-title">Stages</h2>
      <ol class="stage-list">
        {stageRows(video, running.value).map((row) => (
          <Stage key={row.stage} row={row} />
        ))}
      </ol>
    </section>
  );
}

function Stage({ row }: { row: StageRow }) {
  const label = STAGE_LABELS[row.stage];
  return (
    <li class={`stage ${row.state}`} data-stage={row.stage}>
      <div class="stage-line">
        <span class="stage-name">{label}</span>
        <span class="stage-state">{WORDS[row.state]}</span>
        <span class="stage-time">{timeOf(row)}</span>
      </div>
      <div
        class="track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(row.percent)}
      >
        <span class="fill" style={{ transform: `scaleX(${row.percent / 100})` }} />
      </div>
      <Attempts row={row} />
      <Failures row={row} />
      {row.warnings.map((message) => (
        <p key={message} class="notice warn failure">
          {message}
        </p>
      ))}
    </li>
  );
}

function timeOf({ state, tookMs, startedAt, note }: StageRow): string {
  if (tookMs !== null) return duration(tookMs);
  if (state === 'running' && startedAt) return [note, `since ${clock(startedAt)}`].filter(Boolean).join(', ');
  return '';
}

/** One attempt that went well says nothing more than the line above it. */
function Attempts({ row: { attempts } }: { row: StageRow }) {
  if (attempts.length < 2) return null;
  return (
    <details class="attempts">
      <summary>{attempts.length} attempts</summary>
      <ul>
        {attempts.map(({ attempt, outcome, kind, message, started_at, ended_at }) => (
          <li key={started_at}>
            Attempt {attempt}: {(outcome ?? 'running').replace('_', ' ')} at {clock(ended_at ?? started_at)}
            {ended_at && ` after ${duration(Date.parse(ended_at) - Date.parse(started_at))}`}
            {kind && ` (${kind}${message ? `: ${message}` : ''})`}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The newest error stands there until it is overcome; what came before is folded away. */
function Failures({ row: { failures, state } }: { row: StageRow }) {
  const newest = state === 'done' ? undefined : failures.at(-1);
  const earlier = newest ? failures.slice(0, -1) : failures;
  return (
    <>
      {newest && <FailureLine failure={newest} />}
      {earlier.length > 0 && (
        <details class="attempts">
          <summary>
            {earlier.length} {newest ? 'earlier ' : ''}
            {earlier.length === 1 ? 'error' : 'errors'}
          </summary>
          {earlier.map((failure) => (
            <FailureLine key={`${failure.at} ${failure.attempt}`} failure={failure} />
          ))}
        </details>
      )}
    </>
  );
}

function FailureLine({ failure }: { failure: Failure }) {
  return (
    <div class={`notice ${MILD.has(failure.severity) ? 'warn' : 'bad'} failure`}>
      <p>
        <span class="tag">{failure.severity}</span> <code>{failure.kind}</code> in attempt {failure.attempt},{' '}
        <time dateTime={failure.at}>{clock(failure.at)}</time>
      </p>
      <p class="failure-message">{failure.message}</p>
      <p class="failure-next">Next: {failure.next}</p>
    </div>
  );
}
