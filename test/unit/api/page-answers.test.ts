import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type * as analytics from '../../../api/openapi/analytics-answers.ts';
import type * as answers from '../../../api/openapi/answers.ts';
import type * as costs from '../../../api/openapi/cost-answers.ts';
import type { detailedHealth, resources } from '../../../api/openapi/resource-routes.ts';
import type * as page from '../../../api/page/answers.ts';
import type * as videoPage from '../../../api/page/video/video-answers.ts';

test('what the page reads is what the API answers', () => {
  expectTypeOf<z.infer<typeof answers.videoPage>>().toExtend<page.VideoPage>();
  expectTypeOf<z.infer<typeof answers.video>>().toExtend<videoPage.Video>();
  expectTypeOf<z.infer<typeof costs.videoCosts>>().toExtend<videoPage.VideoCosts>();
  expectTypeOf<z.infer<typeof answers.metrics>>().toExtend<page.Metrics>();
  expectTypeOf<z.infer<typeof analytics.dailyMetrics>>().toExtend<page.DailyMetrics>();
  expectTypeOf<z.infer<typeof answers.pipelineState>>().toExtend<page.PipelineState>();
  expectTypeOf<z.infer<typeof answers.dryRun>>().toExtend<page.DryRun>();
  expectTypeOf<z.infer<typeof answers.accepted>>().toExtend<page.Accepted>();
  expectTypeOf<z.infer<typeof answers.catalogue>>().toExtend<page.Catalogue>();
  expectTypeOf<z.infer<typeof resources>>().toExtend<page.Resources>();
  expectTypeOf<z.infer<typeof detailedHealth>>().toExtend<page.DetailedHealth>();
});
