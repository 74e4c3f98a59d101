import { STAGE_NAMES } from '../../domain/stages.ts';
import { STAGE_LABELS } from './format.ts';
import type { StagesShown } from './video-row.ts';

const WORDS = { waiting: 'not begun', running: 'running', done: 'done', failed: 'failed' };

/** The six stages of a video, each filling as it runs. `large` writes their names under them. */
export function StagesBar({ stages, progress, label, large }: Props) {
  const now = STAGE_NAMES.filter((name) => ['running', 'failed'].includes(stages[name].state));
  const text = now.map((name) => `${STAGE_LABELS[name]} ${WORDS[stages[name].state]}`).join(', ');
  return (
    <div
      class={large ? 'stages large' : 'stages'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(progress)}
      aria-valuetext={`${Math.round(progress)} %${text && `: ${text}`}`}
    >
      {STAGE_NAMES.map((name) => (
        <span key={name} class={`stage ${stages[name].state}`} title={STAGE_LABELS[name]}>
          <span class="track">
            <span class="fill" style={{ transform: `scaleX(${stages[name].percent / 100})` }} />
          </span>
          <span class="name">{STAGE_LABELS[name]}</span>
        </span>
      ))}
    </div>
  );
}

interface Props {
  stages: StagesShown;
  /** Percent of the whole video. */
  progress: number;
  /** Names the bar for those who do not see it: the video's title. */
  label: string;
  large?: boolean;
}
