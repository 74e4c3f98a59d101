import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { STAGE_NAMES } from '../../domain/stages.ts';
import { ARTIFACT_NAMES } from '../../domain/video.ts';
import { readVideo } from '../../infra/views/video-view.ts';
import { fakeProduct, gpuSeconds } from '../support/fake-works.ts';
import { captionTexts, layoutShift, playedSeconds, playFilm } from '../support/page-probes.ts';
import { openPageStack, type PageStack } from '../support/page-stack.ts';

let stack: PageStack;

beforeAll(async () => {
  stack = await openPageStack();
});
afterEach(() => stack.steps.letGo());
afterAll(() => stack.close());

const control = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const stageBar = (page: Page, stage: string) => page.locator(`[data-stage=${stage}] [role=progressbar]`);
const standing = (page: Page) => page.locator('.video-head .tag');

/** Waits for a text that matches; the page must come to it by itself. */
async function reads(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor();
}

async function isAt(page: Page, stage: string, percent: number): Promise<void> {
  await page.locator(`[data-stage=${stage}] [aria-valuenow="${percent}"]`).waitFor();
}

test('a topic is ordered for its estimate, its six stages fill as they run without moving the page, and the film plays', async () => {
  stack.steps.hold();
  const { page, troubles, close } = await stack.open('/order');
  await page.getByLabel('Topic', { exact: true }).last().fill('Why the deep sea glows');
  await control(page, 'Estimate').click();
  await page.getByRole('button', { name: 'Order for about $2.00' }).click();
  await reads(page, 'h1', 'Why the deep sea glows');
  for (const stage of STAGE_NAMES) {
    await isAt(page, stage, 50);
    stack.steps.letGo([stage]);
    await isAt(page, stage, 100);
  }
  await reads(page, '.video-head .tag', 'completed');
  await reads(page, '.log', 'Package done');
  expect(await layoutShift(page)).toBeLessThan(0.1);
  await playFilm(page);
  await expect.poll(() => playedSeconds(page)).toBeGreaterThan(0.2);
  await expect.poll(() => captionTexts(page)).toEqual(['The deep sea is dark.', 'And yet it glows.']);
  await page.getByRole('heading', { name: 'Licences' }).click();
  await reads(page, '.licences', 'Voice: flite');
  expect(await page.locator('.files a[download]').allTextContents()).toEqual([...ARTIFACT_NAMES]);
  expect(troubles).toEqual([]);
  await close();
});

test('a video that is watched is cancelled by one button', async () => {
  stack.steps.hold(['video_rendering']);
  const id = await stack.pipeline.submit();
  const { page, troubles, close } = await stack.open(`/videos/${id}`);
  await isAt(page, 'video_rendering', 50);
  await control(page, 'Cancel').click();
  await reads(page, '.said', 'The end was asked for');
  await reads(page, '.video-head .tag', 'cancelled');
  await reads(page, '.standing', 'An operator cancelled it');
  await reads(page, '[data-stage=video_rendering] .stage-state', 'Stopped');
  expect(await control(page, 'Cancel').getAttribute('aria-disabled')).toBe('true');
  expect(troubles).toEqual([]);
  await close();
});

test('a video at its cap is refused its retry with the reason, and made again with a raised budget', async () => {
  const dear = async () => ({ ...fakeProduct('script_generation'), usage: gpuSeconds(1000) });
  const id = await stack.pipeline.submit({ max_cost: 400_000 }, { script_generation: dear });
  const { page, close } = await stack.open(`/videos/${id}`);
  await reads(page, '.standing', 'does not fit into its budget');
  await control(page, 'Make again').click();
  await reads(page, '.said.fault', 'raise its max_cost');
  const budget = page.getByLabel('Budget in dollars');
  await budget.fill('99');
  await control(page, 'Set budget').click();
  await reads(page, '.said.fault', 'COST_CEILING_USD');
  await budget.fill('2.50');
  await control(page, 'Set budget').click();
  await reads(page, '.said', 'The budget is set');
  await reads(page, '.video-head', '$0.30 of $2.50');
  await control(page, 'Make again').click();
  await reads(page, '.video-head .tag', 'completed');
  await reads(page, '.log', 'Script was done before and is kept');
  await close();
});

test('a finished video says why it is not published, and is deleted once that was asked for twice', async () => {
  const id = await stack.pipeline.submit();
  await stack.pipeline.ended(id);
  const { page, close } = await stack.open(`/videos/${id}`);
  await control(page, 'Publish').click();
  await reads(page, '.said.fault', /No account is connected .*youtube connect/);
  await control(page, 'Delete…').click();
  await control(page, 'Continue to delete').click();
  await control(page, 'Keep it').click();
  await control(page, 'Delete…').click();
  await control(page, 'Continue to delete').click();
  expect((await readVideo(stack.pipeline.deps, id))?.status).toBe('completed');
  await control(page, 'Delete now').click();
  await page.waitForURL(`${stack.api.url}/`);
  await page.getByRole('heading', { name: 'Videos' }).waitFor();
  expect(await readVideo(stack.pipeline.deps, id)).toBeNull();
  await page.goBack();
  await page.getByRole('heading', { name: 'This video cannot be shown' }).waitFor();
  await close();
});

test('a video pauses at its next border, waits, and goes on when it is resumed, while its log is held', async () => {
  stack.steps.hold(['script_generation']);
  const id = await stack.pipeline.submit();
  const { page, close } = await stack.open(`/videos/${id}`);
  await isAt(page, 'script_generation', 50);
  await control(page, 'Pause').click();
  await reads(page, '.standing', 'Pauses after the stage that runs');
  await control(page, 'Hold').click();
  const held = await page.locator('.log p').allTextContents();
  stack.steps.letGo();
  await reads(page, '.video-head .tag', 'queued');
  await reads(page, '.standing', 'Paused by an operator');
  await control(page, 'Resume').click();
  await reads(page, '.video-head .tag', 'completed');
  expect(await page.locator('.log p').allTextContents()).toEqual(held);
  await page.getByRole('button', { name: /Go on \(\d+ new\)/ }).click();
  await reads(page, '.log', 'Completed for');
  await close();
});

test('all production is paused and resumed, and a halt is asked for twice', async () => {
  stack.steps.hold(['video_rendering']);
  const id = await stack.pipeline.submit();
  const { page, close } = await stack.open('/');
  await reads(page, '.video-item', 'in production');
  await control(page, 'Pause').click();
  await reads(page, '.pipeline-state', 'The pipeline is paused');
  await control(page, 'Resume').click();
  await reads(page, '.pipeline-state', 'The pipeline is running');
  await control(page, 'Halt…').click();
  await control(page, 'Continue to halt').click();
  await control(page, 'Leave it running').click();
  await control(page, 'Halt…').click();
  await control(page, 'Continue to halt').click();
  expect((await readVideo(stack.pipeline.deps, id))?.cancelling).toBe(false);
  await control(page, 'Halt now').click();
  await reads(page, '.pipeline-state', 'The pipeline is halted');
  await reads(page, '.video-item', 'cancelled');
  expect(await stack.pipeline.ended(id)).toMatchObject({ status: 'cancelled', reason: 'emergency_halt' });
  await control(page, 'Resume').click();
  await reads(page, '.pipeline-state', 'The pipeline is running');
  await close();
});

test('loaded again in mid-run the page shows what it showed before', async () => {
  stack.steps.hold(['video_rendering']);
  const id = await stack.pipeline.submit();
  const { page, close } = await stack.open(`/videos/${id}`);
  await isAt(page, 'video_rendering', 50);
  const shown = async () => ({
    log: await page.locator('.log p').allTextContents(),
    bill: await page.locator('.bill').textContent(),
    stages: await Promise.all(
      STAGE_NAMES.map((stage) => stageBar(page, stage).getAttribute('aria-valuenow')),
    ),
    standing: await standing(page).textContent(),
  });
  await reads(page, '.log', 'Render began');
  await reads(page, '.video-head', /\$0\.09\d* of/);
  const before = await shown();
  await page.reload();
  await isAt(page, 'video_rendering', 50);
  await expect.poll(shown).toEqual(before);
  stack.steps.letGo();
  await reads(page, '.video-head .tag', 'completed');
  await close();
});

test('without Redis the page says that it is out of date, goes on from the row, and is live again when it is back', async () => {
  stack.steps.hold(['video_rendering', 'quality_validation']);
  const id = await stack.pipeline.submit();
  const { page, close } = await stack.open(`/videos/${id}`);
  await isAt(page, 'video_rendering', 50);
  await reads(page, '.live', 'Live');
  await stack.servers.redis.cut();
  await reads(page, '.live', 'Out of date since');
  stack.steps.letGo(['video_rendering']);
  await reads(page, '[data-stage=quality_validation] .stage-state', 'Running');
  await stack.servers.redis.restore();
  await reads(page, '.live', 'Live');
  stack.steps.letGo();
  await reads(page, '.video-head .tag', 'completed');
  await isAt(page, 'upload_preparation', 100);
  await close();
});
