import type { ErrorKind } from './errors.ts';

/** Ends that are no stage's failure. */
type OtherReason =
  | 'quality'
  | 'operator_cancel'
  | 'emergency_halt'
  | 'terminated'
  | 'lane_lost'
  | 'workflow_lost';

/** What the person who ordered can do about a video that ended early, by the reason of its end. */
export const MENDS: Readonly<Record<ErrorKind | OtherReason, string>> = {
  cost_limit:
    'raise its cap, PATCH /pipeline/videos/{id} {"max_cost": 3} (at most COST_CEILING_USD), then --retry; or order it shorter',
  gpu_out_of_memory: 'close what else uses the graphics card, or set GPU_PLACES=1 in .env',
  gpu_lost: 'look at the card with nvidia-smi, and at the driver; "npm run doctor" tries the encoder',
  provider_account: 'correct the key in .env, or add credit at the service; "npm run doctor" tries the keys',
  provider_closed:
    'nothing while it is an outage; after a refused key or balance: POST /providers/{name}/resume',
  connection: 'check the network to that host; "npm run doctor" asks every service',
  timeout: 'try again when the service or this machine has less to do',
  server_error: 'the service has trouble of its own: try again later',
  rate_limited: 'wait some minutes, or raise your limits at the service',
  quota: 'wait until your quota at the service is renewed, or raise it there',
  invalid_response: 'try again, or name another model in OPENAI_MODEL',
  missing_data: 'try again; "npm run stack -- logs worker" tells more',
  process_failed: '"npm run doctor" tries ffmpeg and the voice; "npm run stack -- logs worker" tells more',
  infrastructure: '"npm run doctor" names the server or the disk that is in trouble',
  invalid_input: 'change what the message names: the text, an option, or a setting in .env',
  worker_lost:
    'its worker died every time, mostly for want of memory: set CPU_PLACES=1 in .env; "npm run stack -- logs worker" tells more',
  bug: 'a fault of YTEMPIRE: please report it with what "npm run stack -- logs worker" shows',
  quality:
    'the finished file failed the checks that the message names; docs/quality.md says what each asks for',
  operator_cancel: 'nothing: it was cancelled by hand',
  emergency_halt: 'everything was halted by hand: POST /pipeline/resume first, then --retry',
  terminated: 'nothing: its workflow was terminated by hand',
  lane_lost: 'no worker took it: "npm run stack -- status" shows whether one runs',
  workflow_lost: 'Temporal lost its history, as after a reset: nothing to mend',
};

/** One sentence; null for a reason that nobody has a mend for. */
export function mendFor(reason: string | null): string | null {
  return reason !== null && Object.hasOwn(MENDS, reason) ? MENDS[reason as keyof typeof MENDS] : null;
}
