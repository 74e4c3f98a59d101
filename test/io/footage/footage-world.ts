import { createMediaCollection } from '../../../activities/media-collection.ts';
import type { FootageProvider } from '../../../activities/providers/footage.ts';
import { createPexelsFootage } from '../../../activities/providers/footage-pexels.ts';
import type { FootageMedia, SceneMedia, ScriptResult } from '../../../domain/results.ts';
import type { Order } from '../../../domain/video.ts';
import { type FakePexels, startFakePexels } from '../../support/fakes/pexels.ts';
import { type TestStage, testStage } from '../../support/stage-context.ts';
import { createTestDeps, type TestDeps } from '../../support/test-deps.ts';
import type { TestAnswers } from '../../support/test-pay.ts';

/** The real Pexels provider before a fake server, with its own tables and artifact store. */
export interface FootageWorld {
  fake: FakePexels;
  deps: TestDeps;
  /** Stored answers of searches, of all its videos. */
  answers: TestAnswers;
  provider(options?: {
    key?: string | null;
    searchTimeoutMs?: number;
    collectForMs?: number;
  }): FootageProvider;
  /** Runs the stage for a script; the stage is removed when the world closes. */
  collect(script: ScriptResult, options?: CollectOptions): Promise<Collected>;
  /** A stage that a test runs by itself. */
  stage(script: ScriptResult, order?: Partial<Order>): Promise<TestStage>;
  close(): Promise<void>;
}

export interface CollectOptions {
  provider?: FootageProvider;
  order?: Partial<Order>;
  /** Another video than the usual one. */
  videoId?: string;
}

export interface Collected {
  scenes: SceneMedia[];
  stage: TestStage;
  providers: Record<string, string>;
}

export async function openFootageWorld(): Promise<FootageWorld> {
  const fake = await startFakePexels();
  const deps = await createTestDeps();
  const stages: TestStage[] = [];
  const answers: TestAnswers = new Map();
  const shelf = {
    pool: deps.pool,
    artifacts: deps.artifacts,
    config: deps.config,
    tools: deps.config.tools,
    hosts: ['127.0.0.1'],
  };
  const provider: FootageWorld['provider'] = ({ key = fake.key, collectForMs, ...rest } = {}) =>
    createPexelsFootage({ baseUrl: fake.url, key, ...rest }, shelf, collectForMs);
  const stage = async (script: ScriptResult, order: Partial<Order> = {}) => {
    // The smallest frame, since its words are drawn for every scene.
    const opened = await testStage({
      answers,
      results: { script_generation: script },
      order: { aspect: '1:1', ...order },
    });
    stages.push(opened);
    return opened;
  };
  return {
    fake,
    deps,
    answers,
    provider,
    stage,
    async collect(script, options = {}) {
      const opened = await stage(script, options.order);
      if (options.videoId !== undefined) opened.context.videoId = options.videoId;
      const work = createMediaCollection(options.provider ?? provider());
      const { result, providers } = await work(opened.context);
      return { scenes: result.scenes, stage: opened, providers };
    },
    async close() {
      await Promise.all(stages.map((each) => each.remove()));
      await deps.close();
      await fake.close();
    },
  };
}

/** A script with a scene for each list of search words; each scene is about six seconds of speech. */
export function aScript(...scenes: string[][]): ScriptResult {
  const words = 'The deep sea is darker than the night and colder than most people think.';
  return {
    title: 'The deep sea',
    description: 'A short look at the deep sea.',
    tags: ['sea'],
    language: 'en',
    source: 'script',
    scenes: scenes.map((keywords, i) => ({
      heading: `Scene ${i + 1}`,
      card: {
        kind: i === 0 ? 'title' : 'bullets',
        kicker: 'Deep sea',
        title: 'Dark water',
        bullets: ['cold'],
      },
      sentences: [words],
      keywords,
    })),
  };
}

/** The scene as footage; fails when it is a card. */
export function footageOf(scene: SceneMedia | undefined): FootageMedia {
  if (scene?.kind !== 'footage') throw new Error(`the scene shows ${scene?.kind ?? 'nothing'}`);
  return scene;
}
