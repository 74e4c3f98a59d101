import type { Clip, Licence, ScriptResult, Usage } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import type { StageContext } from '../stage.ts';

/** What is seen during one scene. */
export type SceneFootage = CardPictures | SceneClips;

/** A designed card, as files in the work folder. */
export interface CardPictures {
  kind: 'card';
  /** Picture 1.2 times the frame. */
  background: string;
  /** Frame-sized transparent PNG. */
  overlay: string;
  /** `sha256` is added when the background is in the store. */
  licence: Omit<Licence, 'sha256'>;
}

/** Clips, which are in the artifact store already, and the words over them as a file in the work folder. */
export interface SceneClips {
  kind: 'footage';
  clips: Clip[];
  /** Frame-sized transparent PNG. */
  overlay: string;
}

export interface FootageContext {
  videoId: string;
  /** Scenes, by index, that have their pictures: the collection leaves them out. */
  given?: { has(scene: number): boolean };
  /** Where files are written; exists and is this attempt's own. */
  workDir: string;
  /** Aborts the collection: it then throws the signal's reason. */
  signal: AbortSignal;
  /** Called after each scene with the number of scenes that are done. */
  onScene(done: number): void;
  /** A problem that the video survives. */
  warn(code: string, message: string): void;
  pay: StageContext['pay'];
}

/** Where the pictures of a video come from. */
export interface FootageProvider {
  name: string;
  /** One entry for each scene that is not given, in the order of the script. `usage` is what was not paid on the way. */
  collect(
    script: ScriptResult,
    order: Order,
    context: FootageContext,
  ): Promise<{ scenes: SceneFootage[]; usage: Usage[] }>;
}
