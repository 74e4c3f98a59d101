import { computed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { PipelineState } from '../answers.ts';
import { call, wordsOf } from '../api.ts';
import { HaltDialog } from './halt-dialog.tsx';
import { metrics, readAll } from './pipeline.ts';

const state = computed(() => {
  if (metrics.value === null) return 'unknown';
  if (metrics.value.halted) return 'halted';
  return metrics.value.paused ? 'paused' : 'running';
});

const WORDS = {
  unknown: 'The state of the pipeline is not known yet.',
  running: 'The pipeline is running.',
  paused: 'The pipeline is paused: running stages finish, orders are taken and wait.',
  halted: 'The pipeline is halted: every open video was cancelled, orders are taken and wait.',
};

/** What the pipeline is, and the switches for all of it. */
export function Controls() {
  const answer = useSignal('');
  const fault = useSignal('');
  const busy = useSignal(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const move = async (path: string) => {
    busy.value = true;
    fault.value = '';
    try {
      answer.value = (await call<PipelineState>(path, { method: 'POST', body: {} })).message;
      readAll();
    } catch (error) {
      fault.value = wordsOf(error);
    }
    busy.value = false;
  };
  const stopped = state.value === 'paused' || state.value === 'halted';
  return (
    <section class={`controls ${state.value}`} aria-label="Pipeline">
      <p role="status" class="pipeline-state">
        {WORDS[state.value]}
        {answer.value && <span class="seen-by-readers"> {answer.value}</span>}
      </p>
      <div class="actions">
        <button
          type="button"
          disabled={busy.value || state.value === 'unknown'}
          onClick={() => void move(stopped ? '/pipeline/resume' : '/pipeline/pause')}
        >
          {stopped ? 'Resume' : 'Pause'}
        </button>
        <button
          type="button"
          class="danger"
          disabled={busy.value}
          onClick={() => dialog.current?.showModal()}
        >
          Halt…
        </button>
        <a class="button primary" href="/order">
          New video
        </a>
      </div>
      <p class="fault" role="alert">
        {fault.value}
      </p>
      <HaltDialog dialog={dialog} halt={() => void move('/pipeline/emergency/halt')} />
    </section>
  );
}
