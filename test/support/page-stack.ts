import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { StageContext, StageProduct } from '../../activities/stage.ts';
import { type RunningApi, serveApi } from '../../api/serve.ts';
import { type OpenPage, openPage, startBrowser } from './browser.ts';
import { fakeProduct } from './fake-works.ts';
import { type SeverableServers, startSeverableServers } from './severed.ts';
import { makeShortFilm } from './short-film.ts';
import { type StageSteps, stageSteps } from './stage-steps.ts';
import { TestPipeline } from './test-pipeline.ts';

/** A browser before an API with workers whose stages a test steps through. The film at the end is a real one. */
export interface PageStack {
  browser: Browser;
  pipeline: TestPipeline;
  api: RunningApi;
  steps: StageSteps;
  servers: SeverableServers;
  open(path: string, options?: BrowserContextOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

/** Redis is looked for this often. */
const RECHECK_MS = 500;

/** As long as it was ordered, so that no check of its length refuses it. */
async function narration({ order }: StageContext): Promise<StageProduct<'audio_synthesis'>> {
  const product = fakeProduct('audio_synthesis');
  return { ...product, result: { ...product.result, durationMs: order.duration * 1000 } };
}

export async function openPageStack(): Promise<PageStack> {
  const [browser, servers, film] = await Promise.all([
    startBrowser(),
    startSeverableServers(),
    makeShortFilm(),
  ]);
  const steps = stageSteps(100, { audio_synthesis: narration, upload_preparation: film.publish });
  const pipeline = await TestPipeline.create({
    works: steps.works,
    config: { ...servers.config, api: { host: '127.0.0.1', port: 0 } },
  });
  const api = await serveApi(pipeline.deps, { recheckMs: RECHECK_MS });
  return {
    browser,
    pipeline,
    api,
    steps,
    servers,
    open: (path, options) => openPage(browser, `${api.url}${path}`, options),
    close: async () => {
      await browser.close();
      await api.stop();
      await pipeline.close();
      await servers.close();
      await film.remove();
    },
  };
}
