import { signal } from '@preact/signals';
import type { Accepted, DryRun } from '../answers.ts';
import { ApiError, call, wordsOf } from '../api.ts';
import { goTo } from '../route.ts';
import { draft, fieldOf, forgetRequestKey, orderOf, requestKeyOf } from './draft.ts';

/** The estimate, and the body that it is of. */
export const estimate = signal<{ of: string; answer: DryRun } | null>(null);
/** Faults by field of the form. */
export const faults = signal<ReadonlyMap<string, string>>(new Map());
/** A fault of no field. */
export const fault = signal('');
export const busy = signal(false);

/** Asks what the order would cost and when it would be ready; queues nothing. */
export function askEstimate(): Promise<void> {
  return tried(async () => {
    const body = orderOf(draft.peek());
    const answer = await call<DryRun>('/pipeline/queue', {
      method: 'POST',
      body: { ...body, dry_run: true },
    });
    estimate.value = { of: JSON.stringify(body), answer };
  });
}

/** Orders the video and goes to its page. */
export function placeOrder(): Promise<void> {
  return tried(async () => {
    const body = orderOf(draft.peek());
    const headers = { 'idempotency-key': requestKeyOf(JSON.stringify(body)) };
    const { video_id } = await call<Accepted>('/pipeline/queue', { method: 'POST', body, headers });
    forgetRequestKey();
    draft.value = { ...draft.peek(), text: '', title: '' };
    estimate.value = null;
    goTo(`/videos/${video_id}`);
  });
}

/** One call at a time; what it throws is shown. */
async function tried(work: () => Promise<void>): Promise<void> {
  if (busy.peek()) return;
  busy.value = true;
  fault.value = '';
  faults.value = new Map();
  try {
    await work();
  } catch (error) {
    show(error);
  }
  busy.value = false;
}

function show(error: unknown): void {
  // The sign-in tells it; what was filled in stays.
  if (error instanceof ApiError && error.status === 401) return;
  const fields = error instanceof ApiError ? error.fields : new Map<string, string>();
  faults.value = new Map([...fields].map(([name, message]) => [fieldOf(name), message]));
  fault.value = fields.size > 0 ? 'Some fields need another look.' : wordsOf(error);
}
