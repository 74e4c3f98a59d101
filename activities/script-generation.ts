import type { ScriptResult } from '../domain/results.ts';
import type { LlmPort } from './providers/gated-ports.ts';
import { createOfflineLlm } from './providers/llm-offline.ts';
import type { NarrationSpeeds } from './providers/narration-speeds.ts';
import type { StageWork } from './stage.ts';

/**
 * First stage: what the video says and shows, scene by scene. A script that the order brings is spoken word for
 * word, so no model sees it. Others are as long as the voice, at the speed that it was measured at, needs.
 */
export function createScriptGeneration(
  llm: LlmPort,
  speeds: Pick<NarrationSpeeds, 'read'> | null = null,
): StageWork<'script_generation'> {
  return async (context) => {
    const { order } = context;
    const writer: LlmPort = order.script === undefined ? llm : createOfflineLlm();
    context.progress(0, `writing the script (${writer.name})`);
    const speed = (await speeds?.read(context.videoId, order)) ?? null;
    const measured = speed ? { wordsPerSecond: speed.wordsPerSecond } : {};
    const { signal, pay } = context;
    const { script, usage } = await writer.write(order, { signal, pay, ...measured }, context);
    context.progress(1, `${script.scenes.length} scenes`);
    const result: ScriptResult = { ...script, ...(speed?.own && { fitted: true }) };
    return { result, usage, providers: { llm: writer.name } };
  };
}
