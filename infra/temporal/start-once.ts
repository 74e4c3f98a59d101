import { WorkflowExecutionAlreadyStartedError, type WorkflowExecutionDescription } from '@temporalio/client';
import type { Deps } from '../deps.ts';
import { taskQueue } from './temporal.ts';

export interface OnceStarted {
  type: string;
  workflowId: string;
  input: unknown;
  /** Shown in the Temporal Web UI. */
  summary: string;
  deadlineMs: number;
  /** An earlier one of this id that did not complete may be followed by this one. */
  mayFollow?: boolean;
}

/**
 * Starts a workflow on `control` unless it runs. Null when it runs now; when its id has been used up, the status that it
 * closed with. Throws when Temporal does not answer within the deadline.
 */
export function startOnce(
  { temporal, config }: Pick<Deps, 'temporal' | 'config'>,
  { type, workflowId, input, summary, deadlineMs, mayFollow = false }: OnceStarted,
): Promise<WorkflowExecutionDescription['status']['name'] | null> {
  return temporal.withDeadline(Date.now() + deadlineMs, async () => {
    try {
      await temporal.workflow.start(type, {
        workflowId,
        taskQueue: taskQueue(config, 'control'),
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: mayFollow ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'REJECT_DUPLICATE',
        staticSummary: summary,
      });
      return null;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { name } = (await temporal.workflow.getHandle(workflowId).describe()).status;
      return name === 'RUNNING' ? null : name;
    }
  });
}
