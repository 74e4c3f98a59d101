import type { Usage } from '../../domain/results.ts';
import type { Config } from '../../infra/config.ts';
import type { StageContext } from '../stage.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { createCommandSpeech } from './speech-command.ts';
import { createEspeak } from './speech-espeak.ts';
import { createFlite, hasFlite } from './speech-flite.ts';
import { createHibari } from './speech-hibari.ts';
import { createHttpSpeech } from './speech-http.ts';

/** `signal` aborts every call and child that is under way; the others pay for spoken sentences and keep them. */
export interface SpeechContext extends Pick<StageContext, 'signal' | 'pay' | 'share' | 'fetch'> {
  /** Called after each sentence with the number that is done. */
  onSentence?: (done: number) => void;
}

/** Speaks sentences, each to a file of its own. */
export interface SpeechProvider {
  /** Shown in the status and the result. */
  name: string;
  /**
   * Writes mono 16-bit WAV files into `dir` (made when missing), all of one sample rate, in the sentences' order.
   * `usage` is what is billed when the stage ends; what was paid on the way is not in it. Throws a StageError:
   * `invalid_input` naming the sentence that the voice cannot read.
   */
  speak(
    sentences: readonly string[],
    dir: string,
    context: SpeechContext,
  ): Promise<{ files: string[]; usage: Usage[] }>;
}

/**
 * The voice that the configuration asks for: speech over HTTP, else TTS_COMMAND, else the best voice of this
 * machine: the neural one where its Python is installed, else flite inside ffmpeg, else espeak-ng. Between the
 * last two is decided at the first use, by trying; then an Error says what to install when there is none.
 */
export function chooseSpeech({ config, secrets }: ProviderSettings): SpeechProvider {
  const { providers, tools } = config;
  if (providers.speech) {
    const { baseUrl, model, voice } = providers.speech;
    const settings = {
      key: 'SPEECH_API_KEY or OPENAI_API_KEY',
      model: 'SPEECH_MODEL',
      url: 'SPEECH_BASE_URL',
    };
    const account = { baseUrl, model, apiKey: secrets.speech, settings };
    return createHttpSpeech({ account, voice, ffmpeg: tools.ffmpeg });
  }
  if (providers.ttsCommand !== null) return createCommandSpeech(providers.ttsCommand, tools.ffmpeg);
  return tools.ttsPython ? createHibari(tools.ttsPython) : localVoice(tools);
}

function localVoice(tools: Config['tools']): SpeechProvider {
  let local: SpeechProvider | undefined;
  return {
    get name() {
      return local?.name ?? 'flite';
    },
    speak: async (sentences, dir, context) => {
      local ??= await findLocal(tools, context.signal);
      return local.speak(sentences, dir, context);
    },
  };
}

async function findLocal(tools: Config['tools'], signal: AbortSignal): Promise<SpeechProvider> {
  if (await hasFlite(tools.ffmpeg, signal)) return createFlite(tools.ffmpeg);
  if (tools.espeak) return createEspeak(tools.espeak);
  throw new Error(
    'no voice was found: install Python 3 (for the neural voice), an ffmpeg with flite, or espeak-ng, then start again',
  );
}
