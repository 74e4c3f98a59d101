import { randomUUID } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningApi, serveApi } from '../../../api/serve.ts';
import { PUBLISH_WORKFLOW_TYPE, publishIdOf } from '../../../domain/publishing.ts';
import { cancelVideo } from '../../../infra/moves/cancel.ts';
import { projectRoot } from '../../../infra/project-root.ts';
import { untilAborted } from '../fake-works.ts';
import { storePackage } from '../scripted-video.ts';
import { TestPipeline } from '../test-pipeline.ts';

/** In what state a command wants its video. */
export type Wanted = 'open' | 'completed' | 'failed' | 'published';

/** A pipeline with its API, on which the commands of the pages are tried. */
export interface World {
  api: string;
  pipeline: TestPipeline;
  /** A folder for what commands write, with `.env.example` in it. */
  folder: string;
  /** A video of that state: a fresh one, but for `completed`, which nobody changes. */
  video(wanted: Wanted): Promise<string>;
  /** Ends what the last command has left at work. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const pipeline = await TestPipeline.create({ config: { money: { costCeiling: 10_000_000 } } });
  const { deps } = pipeline;
  const api: RunningApi = await serveApi({
    ...deps,
    config: { ...deps.config, api: { host: '127.0.0.1', port: 0 } },
  });
  const folder = deps.config.dataDir;
  copyFileSync(join(projectRoot, '.env.example'), join(folder, '.env.example'));
  const open: string[] = [];
  let completed: Promise<string> | undefined;
  return {
    ...{ api: api.url, pipeline, folder },
    video: async (wanted) => {
      if (wanted === 'completed') {
        completed ??= videoOf(pipeline, wanted);
        return completed;
      }
      const id = await videoOf(pipeline, wanted);
      if (wanted === 'open') open.push(id);
      return id;
    },
    rest: async () => {
      for (const id of open.splice(0)) await cancelVideo(deps, id, 'test').catch(() => undefined);
      await deps.pool.query('UPDATE pipeline_state SET paused = false, halted = false');
    },
    close: async () => {
      await api.stop();
      await pipeline.close();
    },
  };
}

async function videoOf(pipeline: TestPipeline, wanted: Wanted): Promise<string> {
  if (wanted === 'open') {
    const id = await pipeline.submit({}, { script_generation: untilAborted });
    await pipeline.until(id, ({ stage }) => stage === 'script_generation');
    return id;
  }
  const fails = { script_generation: () => Promise.reject(new Error('for the test')) };
  const id = await pipeline.submit({}, wanted === 'failed' ? fails : {});
  await pipeline.ended(id);
  if (wanted === 'published') await beginPublication(pipeline, id);
  if (wanted !== 'failed') {
    await pipeline.deps.pool.query(
      `DELETE FROM stage_results WHERE video_id = $1 AND stage = 'upload_preparation'`,
      [id],
    );
    await storePackage(pipeline.deps, id, {
      'video.mp4': 'film',
      'captions.srt': '1',
      'thumbnail.jpg': 'picture',
    });
  }
  return id;
}

/** Nobody works on it, so that it is there for whoever looks. */
async function beginPublication({ deps }: TestPipeline, id: string): Promise<void> {
  await deps.temporal.workflow.start(PUBLISH_WORKFLOW_TYPE, {
    ...{ workflowId: publishIdOf(id), taskQueue: `nobody-${randomUUID()}`, args: [{ video_id: id }] },
  });
}
