import type { Licence, ScriptResult, Usage } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';

/** One scene's pictures as files of the work folder, and where they came from. */
export interface SceneFiles {
  background: string;
  overlay: string;
  licence: Omit<Licence, 'sha256'>;
}

export interface FootageContext {
  /** Folder for the files. */
  workDir: string;
  signal: AbortSignal;
  /** Told after each scene: how many are ready. */
  onScene(done: number): void;
}

/** Finds or draws what is seen under the narration: one entry a scene, in order. */
export interface FootageProvider {
  name: string;
  collect(
    script: ScriptResult,
    order: Order,
    context: FootageContext,
  ): Promise<{ scenes: SceneFiles[]; usage: Usage[] }>;
}
