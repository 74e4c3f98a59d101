import { ARTIFACT_NAMES } from '../../../domain/video.ts';
import { bytes } from '../format.ts';
import type { Publication, Video } from './video-answers.ts';

/** Every file of the upload package, with its size and hash. The list stands from the beginning, so that nothing moves. */
export function Downloads({ video }: { video: Video }) {
  return (
    <section class="panel" aria-labelledby="files-title">
      <h2 id="files-title">Files</h2>
      <ul class="files">
        {ARTIFACT_NAMES.map((name) => {
          const file = video.artifacts[name];
          return (
            <li key={name}>
              {file ? (
                <a href={file.url} download={name}>
                  {name}
                </a>
              ) : (
                <span class="soft">{name}</span>
              )}
              <span class="size">{file ? bytes(file.bytes) : 'not there'}</span>
              <code class="hash" title={file && `sha256 ${file.sha256}`}>
                {file?.sha256}
              </code>
            </li>
          );
        })}
      </ul>
      <Links video={video} />
    </section>
  );
}

function Links({ video: { links, publication } }: { video: Video }) {
  return (
    <ul class="links">
      {links.temporal && (
        <li>
          <a href={links.temporal} target="_blank" rel="noreferrer">
            History in Temporal
          </a>
        </li>
      )}
      <li>
        <a href={links.status} target="_blank" rel="noreferrer">
          Status as JSON
        </a>
      </li>
      {publication && <li>{publicationWords(publication)}</li>}
      {publication?.url && (
        <li>
          <a href={publication.url} target="_blank" rel="noreferrer">
            At YouTube
          </a>
        </li>
      )}
    </ul>
  );
}

function publicationWords({ state, sent, message }: Publication): string {
  const detail = state === 'uploading' ? `${sent} % sent` : message;
  return `YouTube: ${state}${detail ? ` (${detail})` : ''}`;
}
