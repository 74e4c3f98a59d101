import type { StageName } from '../../domain/stages.ts';

interface PaidCallPlace {
  service: 'openai' | 'pexels';
  /** How its request begins. */
  text: string;
  stage: StageName;
  /** Whether its stage makes no other call afterwards. */
  last: boolean;
}

/** Each kind of paid call, by its operation in the ledger. */
export const PAID_CALLS = {
  script: {
    service: 'openai',
    text: 'POST /v1/chat/completions',
    last: true,
    stage: 'script_generation',
  },
  speech: {
    service: 'openai',
    text: 'POST /v1/audio/speech',
    last: false,
    stage: 'audio_synthesis',
  },
  transcription: {
    service: 'openai',
    text: 'POST /v1/audio/transcriptions',
    last: true,
    stage: 'audio_synthesis',
  },
  search: {
    service: 'pexels',
    text: 'GET /videos/search',
    last: false,
    stage: 'media_collection',
  },
} as const satisfies Record<string, PaidCallPlace>;

export type Operation = keyof typeof PAID_CALLS;

/**
 * On which side of a call, of its row in the ledger and of its signal the worker is killed. `untold` comes last: from
 * then on the call is not made again.
 */
export const KILL_POINTS = ['unsent', 'unanswered', 'unrecorded', 'untold'] as const;
export type KillPoint = (typeof KILL_POINTS)[number];
