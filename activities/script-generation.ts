import type { LlmPort } from './providers/gated-ports.ts';
import { createOfflineLlm } from './providers/llm-offline.ts';
import type { StageWork } from './stage.ts';

/**
 * First stage: what the video says and shows, scene by scene. A script that the order brings is spoken word for
 * word, so no model sees it.
 */
export function createScriptGeneration(llm: LlmPort): StageWork<'script_generation'> {
  return async (context) => {
    const { order } = context;
    const writer: LlmPort = order.script === undefined ? llm : createOfflineLlm();
    context.progress(0, `writing the script (${writer.name})`);
    const { script, usage } = await writer.write(order, context, context);
    context.progress(1, `${script.scenes.length} scenes`);
    return { result: script, usage, providers: { llm: writer.name } };
  };
}
