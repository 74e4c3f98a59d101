import { ApplicationFailure } from '@temporalio/activity';
import { StageError } from '../../domain/errors.ts';
import type { Deps } from '../../infra/deps.ts';
import {
  type Entry,
  enterGate,
  noteFailure,
  noteSuccess,
  type Pass,
  returnPass,
} from '../../infra/providers/gate.ts';
import { classifyError } from '../classify-error.ts';
import type { StageContext } from '../stage.ts';

/** For whom a provider is called: the stage's own context is one. */
export type Caller = Pick<
  StageContext,
  'videoId' | 'stage' | 'triesLeft' | 'order' | 'signal' | 'warn' | 'log'
>;

/** What the gate itself needs to know of a caller; `videoId` is null where no video calls. */
type GateCaller = Pick<Caller, 'signal' | 'log'> & { videoId: string | null };

/**
 * One call through a provider's gate. Throws a StageError `provider_closed` when the gate is closed, and what the
 * call throws; an error that leaves the gate closed carries it as `closed`. Bookkeeping that fails (Postgres is away)
 * changes neither a result nor an error. Work for which nobody was `asked` says nothing of the provider.
 */
export async function throughGate<T>(
  deps: Deps,
  name: string,
  caller: GateCaller,
  call: () => Promise<T>,
  asked: () => boolean = () => true,
): Promise<T> {
  const entry = await enterGate(deps, name);
  const count = (outcome: string) =>
    deps.metrics.count('ytempire_provider_calls_total', { provider: name, outcome });
  if (!entry.pass) {
    count('refused');
    throw refused(name, entry);
  }
  const { pass } = entry;
  const result = await call().catch(async (thrown: unknown) => {
    count('failed');
    throw await quietly(caller, thrown, () => failed(deps, pass, caller, thrown));
  });
  count('answered');
  return quietly(caller, result, async () => {
    if (!asked()) await returnPass(deps, pass);
    else if (await noteSuccess(deps, pass)) await tellOpened(deps, pass, caller);
    return result;
  });
}

/** As {@link throughGate}, for work whose calls are paid: stored answers may take the place of all of them. */
export function payThroughGate<C extends Pick<StageContext, 'pay'>, T>(
  deps: Deps,
  name: string,
  caller: GateCaller,
  context: C,
  work: (context: C) => Promise<T>,
): Promise<T> {
  let asked = false;
  const pay: StageContext['pay'] = (call) => {
    const send = () => {
      asked = true;
      return call.send();
    };
    return context.pay({ ...call, send });
  };
  return throughGate(
    deps,
    name,
    caller,
    () => work({ ...context, pay }),
    () => asked,
  );
}

function refused(name: string, { closed, reason }: Extract<Entry, { pass: null }>): StageError {
  const until = closed.until === null ? 'until it is resumed' : `until ${closed.until}`;
  return new StageError('provider_closed', `${name} is closed ${until}: ${reason}`, { closed });
}

/** Counts the failure; what is thrown is the same error, with `closed` where the gate is closed now. */
async function failed(deps: Deps, pass: Pass, caller: GateCaller, thrown: unknown): Promise<unknown> {
  const error = classifyError(thrown);
  // The attempt was told that it is not the newest any more: no word on the provider.
  const superseded = thrown instanceof ApplicationFailure;
  // A cancel is no failure, though what it interrupts may look like one; the stage's limit is a StageError.
  const cancelled = caller.signal.aborted && !(caller.signal.reason instanceof StageError);
  const counted = cancelled || superseded ? new StageError('bug', 'not the provider') : error;
  const { closed, closing, opened } = await noteFailure(deps, pass, counted);
  if (opened) await tellOpened(deps, pass, caller);
  if (!closed || superseded) return thrown;
  if (closing) {
    const { name: provider, until: closed_until } = closed;
    caller.log.error({ provider, closed_until, err: error }, 'the provider is closed');
    const event = { type: 'provider.closed', video_id: caller.videoId, provider } as const;
    await deps.events.publish({ ...event, reason: error.message, closed_until });
  }
  return Object.assign(error, { closed });
}

async function tellOpened(deps: Deps, { name: provider }: Pass, { log, videoId }: GateCaller): Promise<void> {
  log.info({ provider }, 'the provider is open again');
  await deps.events.publish({ type: 'provider.opened', video_id: videoId, provider });
}

async function quietly<T>({ log }: GateCaller, otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    log.warn({ err: error }, 'the gate of the provider was not told');
    return otherwise;
  }
}
