import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { VIDEO_STATUSES } from '../../../domain/video.ts';
import { channelsOf, chooseRows, type Filter } from './choose.ts';
import { hasOlder, isUnread, reading, readingFault, readOlder } from './ended-pages.ts';
import { videos } from './known-videos.ts';
import { metrics } from './pipeline.ts';
import { VideoList } from './video-list.tsx';

/** Kept while the reader looks at a video. */
const filter = signal<Filter>({ status: 'now', channel: '', text: '' });
const rows = computed(() => chooseRows(videos.all(), filter.value));

const STATUS_NAMES = {
  now: 'Open and lately ended',
  queued: 'Waiting',
  processing: 'In production',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** The videos, and what is listed of them. */
export function Videos() {
  const wanted = filter.value;
  useEffect(() => {
    if (isUnread(wanted)) void readOlder(wanted);
  }, [wanted]);
  const count = rows.value.length;
  return (
    <section class="panel list" aria-labelledby="videos-title">
      <header class="list-head">
        <h2 id="videos-title">Videos</h2>
        <output class="soft small">{count === 1 ? '1 listed' : `${count} listed`}</output>
        <Filters />
      </header>
      {count === 0 ? <p class="soft empty">{emptyWords(wanted)}</p> : <VideoList rows={rows.value} />}
      <footer class="list-foot">
        {beyond() && <p class="soft small">{beyond()}</p>}
        <p class="fault" role="alert">
          {readingFault.value}
        </p>
        {wanted.status !== 'queued' && wanted.status !== 'processing' && hasOlder(wanted) && (
          <button type="button" disabled={reading.value} onClick={() => void readOlder(wanted)}>
            Show older videos
          </button>
        )}
      </footer>
    </section>
  );
}

function Filters() {
  const change = (part: Partial<Filter>) => {
    filter.value = { ...filter.peek(), ...part };
  };
  const { status, channel, text } = filter.value;
  return (
    <search class="filters">
      <label>
        <span class="seen-by-readers">Status</span>
        <select
          value={status}
          onChange={(event) => change({ status: event.currentTarget.value as Filter['status'] })}
        >
          {(['now', ...VIDEO_STATUSES] as const).map((name) => (
            <option key={name} value={name}>
              {STATUS_NAMES[name]}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="seen-by-readers">Channel</span>
        <select value={channel} onChange={(event) => change({ channel: event.currentTarget.value })}>
          <option value="">All channels</option>
          {channelsOf(videos.all()).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="seen-by-readers">Search</span>
        <input
          type="search"
          placeholder="Search title, channel, id"
          value={text}
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
      </label>
    </search>
  );
}

function emptyWords({ status, channel, text }: Filter): string {
  if (channel || text) return 'No video here fits the filter.';
  return status === 'now' ? 'No videos yet. Order one with "New video".' : 'None.';
}

/** More may wait than are listed. */
function beyond(): string {
  const { queue_depth = 0 } = metrics.value ?? {};
  const listed = videos.all().filter(({ status }) => status === 'queued').length;
  return queue_depth > listed && listed >= 500 ? `${queue_depth - listed} more wait.` : '';
}
