import { expect } from 'vitest';
import { publishIdOf } from '../../domain/publishing.ts';
import type { Order } from '../../domain/video.ts';
import type { PublicationView } from '../../infra/publish/view.ts';
import { submitOrder } from '../../infra/queue/orders.ts';
import { type FakeYouTube, startFakeYouTube } from './fakes/youtube.ts';
import { connectTo, packageOf, YOUTUBE_SECRETS, youtubeSettings } from './publishing.ts';
import { anOrder } from './test-deps.ts';
import { TestPipeline } from './test-pipeline.ts';

/** A pipeline whose channel `main` is connected to a YouTube of its own. */
export class PublishingPipeline {
  readonly pipeline: TestPipeline;
  readonly youtube: FakeYouTube;

  private constructor(pipeline: TestPipeline, youtube: FakeYouTube) {
    this.pipeline = pipeline;
    this.youtube = youtube;
  }

  /** `film` tells the bytes of the video that a package holds now. */
  static async start(film: () => Buffer): Promise<PublishingPipeline> {
    const youtube = await startFakeYouTube();
    const pipeline = await TestPipeline.create({
      works: { upload_preparation: (context) => packageOf(film())(context) },
      config: { youtube: youtubeSettings(youtube) },
    });
    pipeline.deps.secrets = YOUTUBE_SECRETS;
    await connectTo(youtube, pipeline.deps, 'main');
    return new PublishingPipeline(pipeline, youtube);
  }

  /** YouTube has no video, and its whole allowance. */
  async reset(): Promise<void> {
    this.youtube.videos.length = 0;
    this.youtube.forgetScripts();
    await this.pipeline.deps.pool.query('DELETE FROM youtube_quota');
    await this.pipeline.deps.pool.query('UPDATE youtube_channels SET closed_until = NULL');
  }

  async close(): Promise<void> {
    await this.pipeline.close();
    await this.youtube.close();
  }

  order(more: Partial<Order> = {}): Promise<string> {
    return this.submit({ publish: true, ...more });
  }

  /** An order that stays in its folder. */
  orderUnpublished(): Promise<string> {
    return this.submit({});
  }

  private async submit(order: Partial<Order>): Promise<string> {
    const answer = await submitOrder(this.pipeline.deps, anOrder({ channel_id: 'main', ...order }));
    if (!answer.accepted) throw new Error(answer.code);
    return answer.video_id;
  }

  async publication(videoId: string, wanted: (view: PublicationView) => boolean): Promise<PublicationView> {
    const view = await this.pipeline.until(
      videoId,
      ({ publication }) => publication !== null && wanted(publication),
    );
    return view.publication as PublicationView;
  }

  published(videoId: string): Promise<PublicationView> {
    return this.publication(videoId, ({ state }) => state === 'published');
  }

  handle(videoId: string) {
    return this.pipeline.deps.temporal.workflow.getHandle(publishIdOf(videoId));
  }

  /** Exactly one video is at YouTube, and it is this one. */
  async expectOneVideo(videoId: string, film: Buffer): Promise<void> {
    const { youtube_id } = await this.published(videoId);
    await this.handle(videoId).result();
    expect(this.youtube.videos.map(({ id }) => id)).toEqual([youtube_id]);
    expect(this.youtube.videos[0]?.bytes.equals(film)).toBe(true);
  }
}
