import type { Clip, Scene, ScriptResult } from '../../domain/results.ts';
import { STAGES } from '../../domain/stages.ts';
import type { Order } from '../../domain/video.ts';
import { type ClipUser, forgetOldUses, takeClipFor, takenClips } from '../../infra/media/footage-uses.ts';
import { drawWords } from '../cards/footage-words.ts';
import { type ClipShelf, obtainClip } from '../footage/obtain.ts';
import { ClipRefused } from '../footage/refused.ts';
import { WORDS_PER_SECOND } from '../text/draft.ts';
import { countWords } from '../text/words.ts';
import type { FootageContext, FootageProvider, SceneFootage } from './footage.ts';
import { drawCard } from './footage-cards.ts';
import { type Candidate, type Finder, findCandidates, PEXELS } from './footage-pexels-find.ts';
import type { PexelsAccess } from './footage-pexels-search.ts';

/** Downloads at once, and so the clips of one scene that are fetched together. */
const AT_ONCE = 3;
/** A longer clip counts as this much, so that a long scene changes its picture. */
const LONGEST_SHOT_MS = 7_000;
/** A clip lends this much to the fade into the next one. */
const FADE_MS = 400;
/** No clip is begun after this: a download that has just begun then still ends within the stage's limit. */
const COLLECT_FOR_MS = STAGES.media_collection.limitMs * 0.6;
/** Speech may be slower than expected. */
const SPARE = 1.15;

/** One collection of footage, for one video. */
interface Collection {
  shelf: ClipShelf;
  finder: Finder;
  script: ScriptResult;
  order: Order;
  context: FootageContext;
  used: Set<number>;
  user: ClipUser;
  timeIsUp(): boolean;
}

/**
 * Clips from Pexels for every scene, the same clip never twice, and none that the channel has shown lately. A clip
 * that is unusable gives way to the next, a scene without any shows its card, and so do the scenes that are left when the time is up; each leaves a warning.
 * Throws what a failed search throws, see searchPexels.
 */
export function createPexelsFootage(
  access: PexelsAccess,
  shelf: ClipShelf,
  collectForMs = COLLECT_FOR_MS,
): FootageProvider {
  return {
    name: PEXELS,
    async collect(script, order, context) {
      const collection = {
        ...collectionOf(access, shelf, script, order, context),
        timeIsUp: clock(collectForMs, context),
      };
      await forgetOldUses(shelf.pool, collection.user);
      const scenes: SceneFootage[] = [];
      for (const [index, scene] of script.scenes.entries()) {
        context.signal.throwIfAborted();
        if (context.given?.has(index)) continue;
        scenes.push(await collectScene(collection, scene, index));
        context.onScene(index + 1);
      }
      return { scenes, usage: [] };
    },
  };
}

function collectionOf(
  access: PexelsAccess,
  shelf: ClipShelf,
  script: ScriptResult,
  order: Order,
  context: FootageContext,
): Omit<Collection, 'timeIsUp'> {
  const used = new Set<number>();
  const missing = new Set<string>();
  const { pay, signal, videoId } = context;
  const user = { channelId: order.channel_id, videoId };
  const finder: Finder = {
    ...{ access, pay, order, used, language: script.language, signal },
    taken: (ids) => takenClips(shelf.pool, user, PEXELS, ids),
    onMissing: (term) => {
      if (!missing.has(term)) context.warn('footage_missing', `Pexels has no footage for "${term}"`);
      missing.add(term);
    },
  };
  return { shelf, finder, script, order, context, used, user };
}

/** Tells whether the time is up; the first time that it is, with a warning. */
function clock(collectForMs: number, { warn }: FootageContext): () => boolean {
  const until = performance.now() + collectForMs;
  let warned = false;
  return () => {
    const up = performance.now() >= until;
    if (up && !warned) {
      warn(
        'footage_slow',
        `Pexels took longer than ${Math.round(collectForMs / 1000)} s: no more clips are fetched`,
      );
    }
    warned ||= up;
    return up;
  };
}

async function collectScene(collection: Collection, scene: Scene, index: number): Promise<SceneFootage> {
  const { script, order, context, finder, timeIsUp } = collection;
  const candidates = timeIsUp() ? [] : await findCandidates(finder, scene);
  const clips = await takeClips(collection, candidates, scene, index);
  if (clips.length > 0) {
    const overlay = await drawWords(script, scene, index, { order, workDir: context.workDir });
    return { kind: 'footage', clips, overlay };
  }
  context.warn('footage_card', `scene ${index + 1} shows its designed card: no clip of Pexels could be used`);
  return drawCard(script, scene, index, order, context);
}

/** Clips in the order of the candidates, until they last for the scene's speech. */
async function takeClips(
  collection: Collection,
  candidates: readonly Candidate[],
  scene: Scene,
  index: number,
): Promise<Clip[]> {
  const waiting = [...candidates];
  const clips: Clip[] = [];
  let missingMs = speechMs(scene);
  while (missingMs > 0 && waiting.length > 0 && !collection.timeIsUp()) {
    const batch = waiting.splice(0, countFor(missingMs, waiting));
    for (const { videoId } of batch) collection.used.add(videoId);
    const taken = await allEnded(batch.map((each) => takeClip(collection, each, index)));
    for (const clip of taken.filter((each) => each !== null)) {
      clips.push(clip);
      missingMs -= shownMs(clip.durationMs);
    }
  }
  return clips;
}

/** How many of the next candidates last for the time that is missing, if all of them are good. */
function countFor(missingMs: number, candidates: readonly Candidate[]): number {
  let left = missingMs;
  let count = 0;
  for (const { durationMs } of candidates) {
    if (left <= 0 || count === AT_ONCE) break;
    left -= shownMs(durationMs);
    count += 1;
  }
  return count;
}

function shownMs(durationMs: number): number {
  return Math.max(0, Math.min(durationMs, LONGEST_SHOT_MS) - FADE_MS);
}

/** Length of the narration as it is expected: it is spoken while the clips are fetched. */
function speechMs({ sentences }: Scene): number {
  return (countWords(sentences.join(' ')) / WORDS_PER_SECOND) * 1000 * SPARE;
}

async function takeClip(
  { shelf, context, user }: Collection,
  candidate: Candidate,
  index: number,
): Promise<Clip | null> {
  if (!(await takeClipFor(shelf.pool, user, PEXELS, String(candidate.videoId)))) return null;
  try {
    return await obtainClip(shelf, candidate, context);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ClipRefused)) throw error;
    const name = `clip ${candidate.videoId} of scene ${index + 1}`;
    context.warn('footage_clip', `${name} was left out: ${error.message}`);
    return null;
  }
}

/** Waits for all, so that none writes into the work folder after the attempt; then throws the first failure. */
async function allEnded<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
