import { LANES, type Lane } from '../../../domain/lanes.ts';
import type { VideoRow } from '../video-row.ts';
import { videos } from './known-videos.ts';
import { metrics } from './pipeline.ts';

/** Places of each lane, and the videos that hold them. */
export function Lanes() {
  const rows = videos.all().filter(({ status }) => status === 'processing');
  return (
    <section class="panel lanes" aria-labelledby="lanes-title">
      <h2 id="lanes-title">Places</h2>
      {LANES.map((lane) => (
        <LanePlaces key={lane} lane={lane} holders={rows.filter((row) => row.lane === lane)} />
      ))}
    </section>
  );
}

function LanePlaces({ lane, holders }: { lane: Lane; holders: VideoRow[] }) {
  const { places, used } = metrics.value?.lanes[lane] ?? { places: 0, used: 0 };
  const known = metrics.value !== null;
  return (
    <div class="lane">
      <h3>
        {lane} <span class="soft">{known ? placesWords(used, places) : '–'}</span>
      </h3>
      <ul>
        {holders.map(({ video_id, subject }) => (
          <li key={video_id} class="place held">
            <a href={`/videos/${video_id}`}>{subject || 'Untitled'}</a>
          </li>
        ))}
        {Array.from({ length: Math.max(0, places - holders.length) }, (_, index) => (
          <li key={index} class="place free">
            free
          </li>
        ))}
      </ul>
    </div>
  );
}

function placesWords(used: number, places: number): string {
  return places === 0 && used === 0 ? 'no worker lives' : `${used} of ${places} in use`;
}
