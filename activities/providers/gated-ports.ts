import type { Deps } from '../../infra/deps.ts';
import { providerName } from '../../infra/providers/configured.ts';
import { supportsLanguage } from '../../infra/text/languages.ts';
import { chooseFootage } from '../media-collection.ts';
import { withFallback } from './fallback.ts';
import type { FootageProvider } from './footage.ts';
import { createCardFootage } from './footage-cards.ts';
import { type Caller, payThroughGate } from './gated.ts';
import { chooseLlm, type LlmProvider } from './llm.ts';
import { chooseSpeech, type SpeechProvider } from './speech.ts';
import { chooseTranscriber, type Transcriber } from './transcription.ts';

/** A provider's work with the caller as one more argument, and who did it where that was a fallback. */
type Gated<Work extends (...args: never[]) => Promise<unknown>> = (
  ...args: [...Parameters<Work>, Caller]
) => Promise<Awaited<ReturnType<Work>> & { by?: string }>;

/** The ports as stages see them: a provider without a gate is one too. */
export interface LlmPort {
  readonly name: string;
  write: Gated<LlmProvider['write']>;
}
export interface SpeechPort {
  readonly name: string;
  speak: Gated<SpeechProvider['speak']>;
}
export interface FootagePort {
  readonly name: string;
  collect: Gated<FootageProvider['collect']>;
}
export interface TranscriberPort {
  readonly name: string;
  hear: Gated<Transcriber['hear']>;
}

/** The configured writer; a paid one behind its gate. A script has no fallback. */
export function gatedLlm(deps: Deps): LlmPort {
  const { chat } = deps.config.providers;
  const llm = chooseLlm(deps);
  if (!chat) return llm;
  const gate = providerName('llm', chat.baseUrl);
  return {
    name: llm.name,
    write: (order, context, caller) =>
      payThroughGate(deps, gate, caller, context, (paying) => llm.write(order, paying)),
  };
}

/** The configured voice; a paid one behind its gate, with the voice of this machine where FALLBACKS says so. */
export function gatedSpeech(deps: Deps): SpeechPort {
  const { providers, fallbacks } = deps.config;
  const paid = providers.speech;
  const speech = chooseSpeech(deps);
  if (!paid) return speech;
  const gate = providerName('speech', paid.baseUrl);
  const offline = { ...deps, config: { ...deps.config, providers: { ...providers, speech: null } } };
  const local = fallbacks.speech ? chooseSpeech(offline) : null;
  return {
    name: speech.name,
    speak: async (sentences, dir, context, caller) => {
      const first = {
        name: speech.name,
        make: () =>
          payThroughGate(deps, gate, caller, context, (paying) => speech.speak(sentences, dir, paying)),
      };
      const speaks = local && supportsLanguage(offline.config, caller.order.language);
      const next = speaks ? named(local, () => local.speak(sentences, dir, context)) : null;
      const { made, by } = await withFallback(deps, caller, first, next);
      return { ...made, by: made.by ?? by };
    },
  };
}

/** The configured footage; a paid one behind its gate, with designed cards where FALLBACKS says so. */
export function gatedFootage(deps: Deps): FootagePort {
  const { providers, fallbacks } = deps.config;
  const paid = providers.footage;
  const footage = chooseFootage(deps);
  if (!paid) return footage;
  const gate = providerName('footage', paid.baseUrl);
  const cards = fallbacks.footage ? createCardFootage() : null;
  return {
    name: footage.name,
    collect: async (script, order, context, caller) => {
      const first = {
        name: footage.name,
        make: () =>
          payThroughGate(deps, gate, caller, context, (paying) => footage.collect(script, order, paying)),
      };
      const next = cards && named(cards, () => cards.collect(script, order, context));
      const { made, by } = await withFallback(deps, caller, first, next);
      return { ...made, by };
    },
  };
}

/** The configured transcriber behind its gate; while that is closed, words have estimated times. */
export function gatedTranscriber(deps: Deps): TranscriberPort | null {
  const { transcription } = deps.config.providers;
  const transcriber = chooseTranscriber(deps);
  if (!transcriber || !transcription) return null;
  const gate = providerName('transcription', transcription.baseUrl);
  return {
    name: transcriber.name,
    hear: (wav, durationMs, context, caller) =>
      payThroughGate(deps, gate, caller, context, (paying) => transcriber.hear(wav, durationMs, paying)),
  };
}

/** A voice of this machine knows its name once it has spoken. */
function named<T>(provider: { readonly name: string }, make: () => Promise<T>) {
  return {
    get name() {
      return provider.name;
    },
    make,
  };
}
