import type { ScriptResult, Usage } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import type { StageContext } from '../stage.ts';
import { createOfflineLlm } from './llm-offline.ts';
import { createOpenAiLlm } from './llm-openai.ts';
import type { ProviderSettings } from './provider-settings.ts';

/** `signal` aborts the call that is under way, `pay` pays for it. */
export interface LlmContext extends Pick<StageContext, 'signal' | 'pay'> {
  /** How fast the voice was measured to speak, pauses included; without it the usual speed is assumed. */
  wordsPerSecond?: number;
}

/** Writes the script of a video from a topic or an article. */
export interface LlmProvider {
  /** Shown in the status and the result. */
  name: string;
  /**
   * `usage` is what is billed when the stage ends; what was paid on the way is not in it. Throws a
   * StageError: `invalid_input` when the order holds nothing to say, or the model refuses to say it.
   */
  write(order: Order, context: LlmContext): Promise<{ script: ScriptResult; usage: Usage[] }>;
}

/** The provider that the configuration asks for. Without a key and a base URL that is the offline writer. */
export function chooseLlm({ config, secrets }: ProviderSettings): LlmProvider {
  const { chat } = config.providers;
  if (!chat) return createOfflineLlm();
  const settings = { key: 'OPENAI_API_KEY', model: 'OPENAI_MODEL', url: 'OPENAI_BASE_URL' };
  return createOpenAiLlm({ ...chat, apiKey: secrets.openai, settings });
}
