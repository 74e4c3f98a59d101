import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe calls serious or critical on the page, by all rules or by some, each with the places that it found. */
export async function seriousIssues(page: Page, rules?: readonly string[]): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  // Evaluated and not added as a script, which the page's own policy refuses.
  await page.evaluate(AXE);
  const found = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResults;
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Scripts of the page are texts here: this project's compiler knows no DOM. */
const SHIFT = `new Promise((resolve) => {
  let sum = 0;
  const add = (entry) => {
    if (!entry.hadRecentInput) sum += entry.value;
  };
  new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(sum)));
})`;

/** Sum of all layout shifts since the page was opened that no input of the reader explains. */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(SHIFT);
}

const TOO_WIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Pixels by which the page is wider than its window; above 0 it scrolls sideways. */
export function tooWide(page: Page): Promise<number> {
  return page.evaluate(TOO_WIDE);
}

/** Plays the film of the page, without its sound. */
export async function playFilm(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    const film = document.querySelector('video');
    film.muted = true;
    return film.play();
  })()`);
}

/** Seconds of the film that have been played. */
export function playedSeconds(page: Page): Promise<number> {
  return page.evaluate(`document.querySelector('video').currentTime`);
}

/** Texts of the captions that the browser has read. */
export function captionTexts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const { track } = document.querySelector('track');
    track.mode = 'showing';
    return [...(track.cues ?? [])].map((cue) => cue.text);
  })()`);
}
