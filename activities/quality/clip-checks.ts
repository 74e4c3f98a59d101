import { judgeCheck } from '../../domain/quality.ts';
import type { QualityCheck, SceneMedia } from '../../domain/results.ts';

/** Counts clips whose bytes an earlier one of the video has. A scene that is longer than its clips repeats its own. */
export function repeatedClips(scenes: readonly SceneMedia[]): QualityCheck {
  const shown = scenes.flatMap((scene) => (scene.kind === 'footage' ? scene.clips : []));
  const different = new Set(shown.map(({ file }) => file.sha256)).size;
  return judgeCheck('repeated_clips', shown.length - different);
}
