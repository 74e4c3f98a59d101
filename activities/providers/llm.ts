import type { ScriptResult, Usage } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import type { Config } from '../../infra/config.ts';
import { createOfflineLlm } from './llm-offline.ts';

/** Writes the script of a video. */
export interface LlmProvider {
  /** Shown in the status and the result. */
  name: string;
  /** Throws a StageError: `invalid_input` when the order holds nothing to say. */
  write(order: Order, context: { signal: AbortSignal }): Promise<{ script: ScriptResult; usage: Usage[] }>;
}

/** The provider that the configuration asks for. Without a key that is the offline writer. */
export function chooseLlm(_config: Config): LlmProvider {
  return createOfflineLlm();
}
