import { isFinal } from '../../../domain/video.ts';
import type { Video } from './video-answers.ts';

/** The finished video with its captions; its place is kept from the beginning, so that nothing moves when it comes. */
export function Player({ video }: { video: Video }) {
  const { artifacts } = video;
  const film = artifacts['video.mp4'];
  const captions = artifacts['captions.vtt'];
  if (!film || !captions) return <div class="player empty">{absenceOf(video)}</div>;
  const poster = artifacts['thumbnail.jpg'];
  return (
    // A film made again has another hash, and its captions too.
    <video
      key={film.sha256}
      class="player"
      controls
      preload="metadata"
      poster={poster?.url}
      aria-label={video.subject}
    >
      <source src={film.url} type="video/mp4" />
      <track kind="captions" src={captions.url} label="Captions" />
    </video>
  );
}

function absenceOf(video: Video): string {
  if (video.artifacts_expired_at) return 'Its files were removed because they are too old.';
  if (isFinal(video.status)) return 'There is no film of it.';
  return 'The film plays here once it is finished.';
}
