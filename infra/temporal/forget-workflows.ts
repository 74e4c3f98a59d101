import { workflowIdOf } from '../../domain/contract.ts';
import { publishIdOf } from '../../domain/publishing.ts';
import type { Deps } from '../deps.ts';

const DEADLINE_MS = 2_000;

/**
 * Deletes the closed workflows of a video from Temporal, whose summaries quote its title. Never throws: where Temporal
 * is away or forbids it, they go when the retention of its namespace is over.
 */
export async function forgetWorkflows({ temporal, config, log }: Deps, videoId: string): Promise<void> {
  const { namespace } = config.temporal;
  const ids = [workflowIdOf(videoId), publishIdOf(videoId)].map((id) => `'${id}'`).join(', ');
  const query = `WorkflowId IN (${ids}) AND ExecutionStatus != 'Running'`;
  try {
    await temporal.withDeadline(Date.now() + DEADLINE_MS, async () => {
      for await (const { workflowId, runId } of temporal.workflow.list({ query })) {
        await temporal.workflowService.deleteWorkflowExecution({
          namespace,
          workflowExecution: { workflowId, runId },
        });
      }
    });
  } catch (error) {
    log.warn(
      { err: error, video_id: videoId },
      'its workflows stay in Temporal until their retention is over',
    );
  }
}
