import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApi, serveApi } from '../../api/serve.ts';
import type { FinalStatus, Order } from '../../domain/video.ts';
import { changeVideo } from '../../infra/moves/change.ts';
import { submitOrders } from '../../infra/queue/orders.ts';
import { newApiKey, parseApiKeys } from '../../infra/settings/api-keys.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import { seriousIssues, tooWide } from '../support/page-probes.ts';
import { endRow } from '../support/scripted-video.ts';
import { serveAgain } from '../support/served-api.ts';
import { anOrder, createTestDeps, type TestDeps } from '../support/test-deps.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };
const HOSTILE = ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"><svg onload=alert(1)>'];
const LONG = 'w'.repeat(90);

let deps: TestDeps;
let api: RunningApi;
let browser: Browser;

beforeAll(async () => {
  deps = await createTestDeps({ queueMax: 1_000, api: LOCAL });
  [api, browser] = await Promise.all([serveApi(deps), startBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await api.stop();
  await deps.close();
});

const open = (path: string, options?: BrowserContextOptions) =>
  openPage(browser, `${api.url}${path}`, options);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** Orders videos; nobody makes them, since no worker lives. */
async function order(...orders: Partial<Order>[]): Promise<string[]> {
  const answer = await submitOrders(deps, orders.map(anOrder));
  if (!answer.accepted) throw new Error(answer.code);
  return answer.videos.map(({ video_id }) => video_id);
}

async function failed(message: string, title: string): Promise<string> {
  const [id = ''] = await order({ title });
  await endRow(deps, id, {
    status: 'failed',
    reason: 'bug',
    cost: '1.25',
    stage: 'video_rendering',
    message,
  });
  return id;
}

test('a script as title, channel or message is shown as text and never runs', async () => {
  const ids = await Promise.all(HOSTILE.map((text) => failed(text, text)));
  await order(...HOSTILE.map((text) => ({ title: text, channel_id: text })));
  const { page, troubles, close } = await open('/');
  for (const text of HOSTILE) await page.getByRole('link', { name: text }).first().waitFor();
  for (const [index, id] of ids.entries()) {
    await page.goto(`${api.url}/videos/${id}`);
    await page.getByRole('heading', { name: HOSTILE[index] ?? '', exact: true }).waitFor();
    await page
      .locator('.failure-message')
      .getByText(HOSTILE[index] ?? '')
      .waitFor();
    expect(await page.title()).toContain(HOSTILE[index]);
  }
  expect(await page.locator('img, svg[onload], script:not([src]):not(head script)').count()).toBe(0);
  expect(troubles).toEqual([]);
  await close();
});

test('axe finds nothing serious on any page in either theme', async () => {
  const [waiting = ''] = await order({ title: 'A video that waits' });
  const ended = await failed('ffmpeg ended with code 1', 'A video that failed');
  const { page, close } = await open('/');
  const pages = [
    ['/', () => page.locator('.video-item').first()],
    ['/order', () => page.getByRole('heading', { name: 'New video' })],
    [`/videos/${waiting}`, () => button(page, 'Cancel')],
    [`/videos/${ended}`, () => page.locator('.failure').first()],
  ] as const;
  for (const [path, sign] of pages) {
    await page.goto(`${api.url}${path}`);
    await sign().waitFor();
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await seriousIssues(page), path).toEqual([]);
    // Nothing but the colours differs.
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousIssues(page, ['color-contrast']), path).toEqual([]);
  }
  await close();
});

test.each([320, 768, 1440])('nothing scrolls sideways on a screen of %i pixels', async (width) => {
  const id = await failed(LONG, LONG);
  await order({ title: LONG, channel_id: LONG });
  const { page, close } = await open('/', { viewport: { width, height: 640 } });
  const pages = [
    ['/', '.video-item'],
    ['/order', 'form'],
    [`/videos/${id}`, '.failure'],
  ] as const;
  for (const [path, sign] of pages) {
    await page.goto(`${api.url}${path}`);
    await page.locator(sign).first().waitFor();
    expect(await tooWide(page), path).toBeLessThanOrEqual(0);
  }
  await close();
});

/** Presses Tab until the target has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await target.and(page.locator(':focus')).count()) === 1) return;
  }
  throw new Error(`the keyboard does not come to ${target}`);
}

test('a video is ordered and cancelled by keyboard alone', async () => {
  const { page, close } = await open('/');
  await tabTo(page, page.getByRole('link', { name: 'New video' }).first());
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'New video' }).waitFor();
  await tabTo(page, page.locator('textarea'));
  await page.keyboard.type('Typed, not clicked');
  await tabTo(page, button(page, 'Estimate'));
  await page.keyboard.press('Enter');
  await button(page, /^Order for about/).waitFor();
  await tabTo(page, button(page, /^Order for about/));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Typed, not clicked' }).waitFor();
  await tabTo(page, button(page, 'Cancel'));
  await page.keyboard.press('Enter');
  await page.getByText('Is being cancelled').waitFor();
  await close();
});

test('a wrong key is refused, a right one opens the page, an expired session asks again, and signing out shuts it', async () => {
  const { key, entry } = newApiKey('page', 'submit+read+control');
  const config = { ...deps.config, access: { ...deps.config.access, keys: parseApiKeys(entry) } };
  const locked = await serveApi({ ...deps, config });
  const [id = ''] = await order({ title: 'Behind a key' });
  const { page, close } = await openPage(browser, `${locked.url}/videos/${id}`);
  const signIn = page.getByRole('dialog', { name: 'Sign in' });
  await signIn.getByLabel('Key').fill('yt_wrong');
  await button(page, 'Sign in').click();
  await signIn.getByText('not known').waitFor();
  await signIn.getByLabel('Key').fill(key);
  await button(page, 'Sign in').click();
  await page.getByRole('heading', { name: 'Behind a key' }).waitFor();
  await page.context().clearCookies();
  // Not by the mouse: a late question of the page may have asked for the key by now, and lies over the button.
  await button(page, 'Pause').dispatchEvent('click');
  await signIn.waitFor();
  await signIn.getByLabel('Key').fill(key);
  await button(page, 'Sign in').click();
  await signIn.waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'Behind a key' }).waitFor();
  await button(page, 'Sign out').click();
  await signIn.waitFor();
  expect(await page.context().cookies()).toEqual([]);
  expect(await page.getByText('Behind a key').count()).toBe(0);
  expect(await button(page, 'Sign out').count()).toBe(0);
  await close();
  await locked.stop();
});

test('while the API is away the page says so, and shows what has changed when it is back', async () => {
  const [id = ''] = await order({ title: 'Seen through a restart' });
  const first = await serveApi(deps);
  const { page, close } = await openPage(browser, `${first.url}/videos/${id}`);
  await page.locator('.live').getByText('Live').waitFor();
  await first.stop();
  await page.getByText(/Out of date since .*reconnecting/).waitFor();
  await changeVideo(deps, id, 'test', { max_cost: 1_230_000 });
  const second = await serveAgain(deps, first.url);
  await page.locator('.live').getByText('Live').waitFor();
  await page.getByText('$0.00 of $1.23').waitFor();
  await close();
  await second.stop();
});

test('what has ended is there after a reload, however many wait, and older ones come by a click', async () => {
  const end = async (titles: Partial<Order>[], status: FinalStatus) => {
    for (const id of await order(...titles)) await endRow(deps, id, { status, cost: '0.100000' });
  };
  const titled = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ title: `${name} ${String(n).padStart(2, '0')}` }));
  await end(titled('Whale done', 52), 'completed');
  await end(titled('Whale broken', 1), 'failed');
  await end(titled('Whale stopped', 1), 'cancelled');
  await order(...titled('Whale to come', 60));
  const { page, close } = await open('/');
  const search = () => page.getByPlaceholder('Search title, channel, id').fill('whale');
  await search();
  await page.getByText('112 listed').waitFor();
  await page.reload();
  await search();
  await page.getByText('112 listed').waitFor();
  await button(page, 'Show older videos').click();
  await page.getByText('114 listed').waitFor();
  await close();
});

test('success counts a video at its cost limit, and not one that an operator has cancelled', async () => {
  await deps.pool.query('DELETE FROM video_queue');
  const [first = '', second = '', third = ''] = await order({}, {}, {});
  await endRow(deps, first, { status: 'completed', cost: '1.000000' });
  await endRow(deps, second, { status: 'cancelled', reason: 'cost_limit', cost: '3.000000' });
  await endRow(deps, third, { status: 'cancelled', reason: 'operator_cancel', cost: '0.000000' });
  const { page, close } = await open('/');
  await page.locator('.figures > div').filter({ hasText: 'Success' }).getByText('50 %').waitFor();
  await close();
});

test('an unknown video is said to be none', async () => {
  const { page, close } = await open(`/videos/${randomUUID()}`);
  await page.getByRole('alert').filter({ hasText: 'No video' }).waitFor();
  await close();
});

test('a list of 500 videos is scrolled to its end and filtered, with few of them in the document', async () => {
  await deps.pool.query('DELETE FROM video_queue');
  const all = Array.from({ length: 500 }, (_, n) => ({
    title: `${n % 50 === 7 ? 'Whale' : 'Video'} ${String(n).padStart(3, '0')}`,
  }));
  for (let n = 0; n < all.length; n += 100) await order(...all.slice(n, n + 100));
  const { page, close } = await open('/');
  await page.getByText('500 listed').waitFor();
  await page.getByRole('link', { name: 'Video 000' }).waitFor();
  expect(await page.locator('.video-item').count()).toBeLessThan(60);
  await page.keyboard.press('End');
  await page.getByRole('link', { name: 'Video 499' }).waitFor();
  await page.getByPlaceholder('Search title, channel, id').fill('whale');
  await page.getByText('10 listed').waitFor();
  expect(await page.locator('.video-item a').allTextContents()).toHaveLength(10);
  await close();
});
