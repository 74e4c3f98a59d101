import type { z } from 'zod';
import type { videoPage } from '../../api/openapi/answers.ts';
import { ask } from '../client/api-client.ts';
import { badInput } from '../client/cli-error.ts';

/** The API to ask. */
interface Target {
  api: string;
}

const WHOLE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PREFIX = /^[0-9a-f]{8}[0-9a-f-]*$/;

/** The whole ids of videos that are named by them or by at least their first 8 characters, each once. */
export async function resolveIds(target: Target, given: readonly string[]): Promise<string[]> {
  if (given.length === 0)
    throw badInput('no video', 'nothing says which', 'give its id, or the first 8 characters of it');
  const ids: string[] = [];
  for (const each of given) ids.push(await resolveId(target, each.toLowerCase()));
  return [...new Set(ids)];
}

/** As {@link resolveIds}, of exactly one. */
export async function resolveOne(target: Target, given: readonly string[]): Promise<string> {
  if (given.length > 1) throw badInput(given.join(' '), 'are several', 'give the id of one video');
  const [id] = await resolveIds(target, given);
  return id as string;
}

async function resolveId({ api }: Target, text: string): Promise<string> {
  if (WHOLE.test(text)) return text;
  const shown = JSON.stringify(text.slice(0, 60));
  if (!PREFIX.test(text) || text.length > 36) {
    throw badInput(shown, 'is no id', 'give the id of a video, or at least its first 8 characters');
  }
  const path = `/pipeline/videos?limit=2&id_prefix=${text}`;
  const { videos } = (await ask<z.output<typeof videoPage>>(api, path, `video ${shown}`)).body;
  const [first, second] = videos;
  if (first === undefined)
    throw badInput(shown, 'begins no id of a video', 'npm run ytempire -- list shows them');
  if (second !== undefined) throw badInput(shown, 'begins the ids of several videos', 'give more of it');
  return first.video_id;
}
