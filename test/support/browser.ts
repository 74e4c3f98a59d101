import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { readEnv } from '../../infra/settings/env.ts';

/** A page in a profile of its own, and everything that went wrong on it. */
export interface OpenPage {
  page: Page;
  /** Errors of scripts and of the console, and dialogs, which a page of ours never opens. */
  troubles: string[];
  close(): Promise<void>;
}

/** Starts the Chromium that the set-up has found; sandboxed unless root runs it, whom it refuses. */
export function startBrowser(): Promise<Browser> {
  const executablePath = readEnv().CHROMIUM_PATH;
  if (!executablePath) {
    throw new Error('CHROMIUM_PATH is not set: "npm test" finds or fetches a Chromium, and sets it');
  }
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}

/** Opens an address and waits until its document has come. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return { page, troubles, close: () => context.close() };
}
