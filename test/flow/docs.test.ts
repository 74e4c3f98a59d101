import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ROUTE_LIST } from '../../api/openapi/routes.ts';
import { send } from '../support/docs/call-api.ts';
import { readPages } from '../support/docs/pages.ts';
import { runCommand } from '../support/docs/run-command.ts';
import { commandsOf } from '../support/docs/shell-words.ts';
import { createWorld, type World } from '../support/docs/world.ts';

/** Every command and every call that the pages show, tried on a pipeline, an API and a Temporal server that are real. */

const pages = readPages();
let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 60_000);
afterEach(() => world.rest());
afterAll(() => world.close());

const blocks = pages
  .flatMap((page) => page.blocks)
  .filter(({ language, reason }) => language === 'sh' && reason === null);
const inBlocks = blocks.flatMap(({ place, text }) =>
  commandsOf(text).map((command) => [command, place] as const),
);

test.each(inBlocks)('%s (%s) works', async (command) => {
  await runCommand(command, world);
});

const spans = pages.flatMap((page) => page.spans);
/** The same command on several pages is tried once. */
const unique = (found: readonly (readonly [string, string])[]) =>
  [...new Map(found.toReversed())].toReversed();
const inText = unique(
  spans
    .filter(({ text }) => /^(npm (run|test)|curl \S|temporal \w+ )/.test(text) && !text.includes('…'))
    .map(({ text, place }) => [text, place] as const),
);

test.each(inText)('`%s` (%s) works', async (command) => {
  await runCommand(command, world);
});

const CALL = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)(?: (\{.*\}))?$/;
const calls = unique(
  spans.filter(({ text }) => CALL.test(text)).map(({ text, place }) => [text, place] as const),
);

test.each(calls)('`%s` (%s) is a call that the API takes', async (call) => {
  const [, method = '', path = '', body] = CALL.exec(call) ?? [];
  const bare = path.replace(/\?.*$/, '');
  const isThis = (route: { method: string; path: string }) =>
    route.method === method && new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(bare);
  expect(ROUTE_LIST.some(isThis)).toBe(true);
  if (body === undefined || body.includes('yt_…')) return;
  const headers = { 'content-type': 'application/json' };
  await send(world, { ...{ method, path, headers, body }, file: null, streams: false });
});
