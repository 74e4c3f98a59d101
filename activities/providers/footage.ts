import type { Licence, ScriptResult, Usage } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';

/** Pictures of one scene as files in the work folder. */
export interface SceneFootage {
  /** Picture 1.2 times the frame. */
  background: string;
  /** Frame-sized transparent PNG. */
  overlay: string;
  /** `sha256` is added when the background is in the store. */
  licence: Omit<Licence, 'sha256'>;
}

export interface FootageContext {
  /** Where files are written; exists and is this attempt's own. */
  workDir: string;
  /** Aborts the collection: it then throws the signal's reason. */
  signal: AbortSignal;
  /** Called after each scene with the number of scenes that are done. */
  onScene(done: number): void;
}

/** Where the pictures of a video come from. */
export interface FootageProvider {
  name: string;
  /** One entry a scene, in the order of the script. */
  collect(
    script: ScriptResult,
    order: Order,
    context: FootageContext,
  ): Promise<{ scenes: SceneFootage[]; usage: Usage[] }>;
}
