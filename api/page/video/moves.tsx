import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { MAX_PRIORITY, MIN_PRIORITY } from '../../../domain/order-limits.ts';
import { STAGE_NAMES } from '../../../domain/stages.ts';
import { ApiError, wordsOf } from '../api.ts';
import { money, STAGE_LABELS } from '../format.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import type { Video } from './video-answers.ts';
import { MOVES, type Move, type MoveName, whyNot } from './video-moves.ts';

interface Props {
  video: Video;
  /** Gets the video as a move has answered it. */
  onAnswer(video: Video): void;
}

/** Makes one move at a time; says which is under way, and what came of the last one. */
function useMake({ video, onAnswer }: Props) {
  const busy = useSignal<MoveName | null>(null);
  const said = useSignal({ text: '', bad: false });
  const make = async (name: MoveName, value: string) => {
    if (busy.value || whyNot(name, video)) return;
    const move: Move = MOVES[name];
    busy.value = name;
    said.value = { text: '', bad: false };
    try {
      const answer = await move.send(video.video_id, value);
      // Loaded anew, so that no list still has it.
      if (!answer) location.assign('/');
      else onAnswer(answer);
      said.value = { text: move.done, bad: false };
    } catch (error) {
      said.value = { text: faultOf(move, error), bad: true };
    }
    busy.value = null;
  };
  return { busy, said, make };
}

/** Everything that an operator can do with the video; what does not apply now says why. */
export function Moves({ video, onAnswer }: Props) {
  const { busy, said, make } = useMake({ video, onAnswer });
  const dialog = useRef<HTMLDialogElement>(null);
  const ask = (name: MoveName, value: string) => {
    if (name !== 'delete') void make(name, value);
    else if (!whyNot(name, video)) dialog.current?.showModal();
  };
  const row = (name: MoveName, field?: ComponentChildren) => (
    <MoveRow
      name={name}
      why={whyNot(name, video)}
      busy={busy.value === name}
      field={field}
      onMake={(value) => ask(name, value)}
    />
  );
  return (
    <section class="panel moves" aria-labelledby="moves-title">
      <h2 id="moves-title">Control</h2>
      <div class="move-pair">
        {row('pause')}
        {row('resume')}
        {row('cancel')}
      </div>
      {row('retry', <StageChoice video={video} />)}
      {row('priority', <PriorityField key={video.priority} priority={video.priority} />)}
      {row('budget', <BudgetField key={video.max_cost} cap={video.max_cost} />)}
      <div class="move-pair">
        {row('publish')}
        {row('delete')}
      </div>
      <output class={said.value.bad ? 'said fault' : 'said'} aria-live="polite">
        {said.value.text}
      </output>
      <DeleteDialog dialog={dialog} act={() => void make('delete', '')} />
    </section>
  );
}

function faultOf(move: Move, error: unknown): string {
  const field = error instanceof ApiError && move.field ? error.fields.get(move.field) : undefined;
  return field ? `${move.label}: ${field}.` : wordsOf(error);
}

interface RowProps {
  name: MoveName;
  /** Why it does not apply; null when it does. */
  why: string | null;
  busy: boolean;
  field: ComponentChildren;
  onMake(value: string): void;
}

/** The button stays in reach of the keyboard when it does not apply, so that its reason can be read. */
function MoveRow({ name, why, busy, field, onMake }: RowProps) {
  const { label, doing, danger } = MOVES[name];
  return (
    <form
      class="move"
      onSubmit={(event) => {
        event.preventDefault();
        onMake(String(new FormData(event.currentTarget).get('value') ?? ''));
      }}
    >
      {field}
      <button
        type="submit"
        class={danger ? 'danger' : undefined}
        aria-disabled={why !== null || busy}
        aria-describedby={why ? `why-${name}` : undefined}
        title={why ?? undefined}
      >
        {busy ? doing : label}
      </button>
      <span id={`why-${name}`} class="why-not">
        {why}
      </span>
    </form>
  );
}

function StageChoice({ video }: { video: Video }) {
  return (
    <label class="field">
      <span>From stage</span>
      <select name="value">
        {video.status !== 'completed' && <option value="">where it stopped</option>}
        {STAGE_NAMES.map((stage) => (
          <option key={stage} value={stage}>
            {STAGE_LABELS[stage]}
          </option>
        ))}
      </select>
    </label>
  );
}

function PriorityField({ priority }: { priority: number }) {
  return (
    <label class="field">
      <span>Priority, 10 is first</span>
      <input
        name="value"
        type="number"
        min={MIN_PRIORITY}
        max={MAX_PRIORITY}
        step={1}
        required
        defaultValue={String(priority)}
      />
    </label>
  );
}

function BudgetField({ cap }: { cap: number }) {
  return (
    <label class="field">
      <span>Budget in dollars</span>
      <input name="value" type="text" inputMode="decimal" required defaultValue={money(cap).slice(1)} />
    </label>
  );
}
