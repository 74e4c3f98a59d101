import { StageError } from '../../domain/errors.ts';
import type { Usage } from '../../domain/results.ts';
import { HIBARI_VOICES } from '../../infra/media/voices.ts';
import type { Config } from '../../infra/settings/config.ts';
import type { StageContext } from '../stage.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { createCommandSpeech } from './speech-command.ts';
import { createEspeak } from './speech-espeak.ts';
import { createFlite, hasFlite } from './speech-flite.ts';
import { createHibari } from './speech-hibari.ts';
import { createHttpSpeech } from './speech-http.ts';

/** `signal` aborts every call and child that is under way; the others pay for spoken sentences and keep them. */
export interface SpeechContext extends Pick<StageContext, 'signal' | 'pay' | 'share' | 'fetch'> {
  kept: Pick<StageContext['kept'], 'keep'>;
  /** Name of the catalogue (infra/media/voices.ts); one that this provider does not have leaves its usual voice. */
  voice?: string | undefined;
  /** Narrations of the video that were made and dropped; a voice that can says the same otherwise then. Default 0. */
  madeBefore?: number;
  /** Called after each sentence with the number that is done. */
  onSentence?: (done: number) => void;
}

/** Speaks sentences, each to a file of its own. */
export interface SpeechProvider {
  /** Shown in the status and the result. */
  name: string;
  /**
   * Writes mono 16-bit WAV files into `dir` (made when missing), all of one sample rate, in the sentences' order.
   * `usage` is what is billed when the stage ends; what was paid on the way is not in it; `by` who spoke, where that
   * is not the name, `shared` the keys of the shared files that paid sentences came from. Throws a StageError:
   * `invalid_input` naming the sentence that the voice cannot read.
   */
  speak(sentences: readonly string[], dir: string, context: SpeechContext): Promise<Spoken>;
}

export interface Spoken {
  files: string[];
  usage: Usage[];
  by?: string;
  shared?: string[];
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
  return localVoice(tools);
}

function localVoice(tools: Config['tools']): SpeechProvider {
  let usual: SpeechProvider | undefined = tools.ttsPython ? createHibari(tools.ttsPython) : undefined;
  return {
    get name() {
      return usual?.name ?? 'flite';
    },
    speak: async (sentences, dir, context) => {
      const asked = context.voice === undefined ? null : named(context.voice, tools);
      const speaker = asked ?? usual ?? (await findLocal(tools, context.signal));
      if (!asked) usual = speaker;
      return { by: speaker.name, ...(await speaker.speak(sentences, dir, context)) };
    },
  };
}

/** A voice of this machine by its name in the catalogue; null for a name of another engine. */
function named(voice: string, { ttsPython, espeak, ffmpeg }: Config['tools']): SpeechProvider | null {
  if (voice === 'flite') return createFlite(ffmpeg);
  if (voice === 'espeak-ng') return createEspeak(espeak ?? 'espeak-ng');
  if (!HIBARI_VOICES.some(({ name }) => name === voice)) return null;
  if (ttsPython) return createHibari(ttsPython, voice);
  throw new StageError(
    'invalid_input',
    `the voice "${voice}" needs Python 3.10 or newer with pip on this machine`,
  );
}

async function findLocal(tools: Config['tools'], signal: AbortSignal): Promise<SpeechProvider> {
  if (await hasFlite(tools.ffmpeg, signal)) return createFlite(tools.ffmpeg);
  if (tools.espeak) return createEspeak(tools.espeak);
  throw new Error(
    'no voice was found: install Python 3 (for the neural voice), an ffmpeg with flite, or espeak-ng, then start again',
  );
}
