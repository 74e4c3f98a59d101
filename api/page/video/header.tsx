import { isFinal } from '../../../domain/video.ts';
import { reasonWords } from '../event-words.ts';
import { dayAndTime, duration, money, shortTime } from '../format.ts';
import { waitingWords } from '../overview/waiting-words.ts';
import type { Video } from './video-answers.ts';

/** What the video is and how it stands. */
export function Header({ video }: { video: Video }) {
  return (
    <header class="video-head">
      <p class="crumb">
        <a href="/">All videos</a>
      </p>
      <h1>{video.subject || 'Untitled'}</h1>
      <p class="standing">
        <span class={`tag ${video.status}`}>{video.status}</span>{' '}
        <span class="soft">{standingOf(video)}</span>
      </p>
      <dl class="facts">
        {factsOf(video).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

/** The status in a sentence: why it ended so, or what it waits for. */
export function standingOf(video: Video): string {
  if (video.status === 'completed')
    return `Finished ${video.completed_at ? dayAndTime(video.completed_at) : ''}`;
  if (isFinal(video.status)) return [reasonOf(video), video.message].filter(Boolean).join(': ');
  if (video.cancelling) return 'Is being cancelled';
  if (video.status === 'processing' && video.paused) return 'Pauses after the stage that runs';
  if (video.waiting_for) return waitingWords(video);
  return video.eta ? `Expected ${shortTime(video.eta, Date.now())}` : '';
}

function reasonOf({ reason }: Video): string {
  const words = reason ? reasonWords(reason) : '';
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function factsOf(video: Video): [string, string][] {
  const took = video.processing_time === null ? null : duration(video.processing_time * 1000);
  return [
    ['Spent', `${money(video.actual_cost)} of ${money(video.max_cost)}`],
    ['Priority', String(video.priority)],
    ['Made as', video.lane ? `${video.complexity} on ${video.lane}` : video.complexity],
    ['Channel', video.channel_id],
    ['Ordered by', video.user_id],
    ['Ordered', dayAndTime(video.created_at)],
    ['Began', video.started_at ? dayAndTime(video.started_at) : 'not yet'],
    took ? ['Took', took] : ['Place in the queue', video.position === null ? 'none' : String(video.position)],
  ];
}
