import type { LlmProvider } from './providers/llm.ts';
import type { StageWork } from './stage.ts';

/** First stage: what the video says and shows, scene by scene. */
export function createScriptGeneration(llm: LlmProvider): StageWork<'script_generation'> {
  return async (context) => {
    context.progress(0, `writing the script (${llm.name})`);
    const { script, usage } = await llm.write(context.order, { signal: context.signal });
    context.progress(1, `${script.scenes.length} scenes`);
    return { result: script, usage, providers: { llm: llm.name } };
  };
}
