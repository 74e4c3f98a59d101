import { WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type ControlActivities, SUPERSEDED } from '../domain/contract.ts';
import type { Deps } from '../infra/deps.ts';
import { recordSignalledCharge } from '../infra/money/ledger.ts';
import { claim } from '../infra/queue/claim.ts';
import { release } from '../infra/queue/release.ts';
import { settle } from '../infra/queue/settle.ts';
import { discardResults } from '../infra/stages/discard-results.ts';
import { classifyError } from './classify-error.ts';
import { removeWork } from './work-folder.ts';

/** The bookkeeping activities of the `control` queue. */
export function createControlActivities(deps: Deps): ControlActivities {
  return {
    claim: (request) => claim(deps, request),
    async settle(request) {
      const answer = await settle(deps, request);
      await removeWork(deps.config, request.video_id);
      return answer;
    },
    release: (request) => release(deps, request),
    async requestCancel({ workflow_id, run_id }) {
      await deps.temporal.workflow.getHandle(workflow_id, run_id).cancel().catch(unlessClosed);
    },
    async discardResults(request) {
      if (await discardResults(deps, request)) return;
      throw ApplicationFailure.nonRetryable('the video belongs to another admission now', SUPERSEDED);
    },
    recordCharge: (charge) => recordSignalledCharge(deps, charge).catch(refuseUnlessAway),
  };
}

function unlessClosed(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** A charge that the ledger refuses is refused for good; one that it did not hear of is tried again. */
function refuseUnlessAway(thrown: unknown): never {
  const { kind, message } = classifyError(thrown);
  throw ApplicationFailure.create({ type: kind, message, nonRetryable: kind !== 'infrastructure' });
}
