import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, wordsOf } from '../api.ts';
import type { Video } from './video-answers.ts';

/** What licences.json holds, as far as it is shown. */
interface LicenceFile {
  media: { scene: number; source: string; author: string; licence: string; url?: string }[];
  fonts: { family: string; licence: string }[];
  voice: { name: string; licence: string };
  music: { name: string; licence: string } | null;
}

/** Where picture, voice, music and fonts came from; read when it is opened. */
export function Licences({ video }: { video: Video }) {
  const file = video.artifacts['licences.json'];
  const lines = useSignal<readonly string[] | null>(null);
  const fault = useSignal('');
  const open = useSignal(false);
  const url = file?.url;
  useEffect(() => {
    if (!open.value || !url) return;
    call<LicenceFile>(url).then(
      (answer) => {
        lines.value = linesOf(answer);
      },
      (error: unknown) => {
        fault.value = wordsOf(error);
      },
    );
  }, [open.value, url, file?.sha256]);
  return (
    <details
      class="panel"
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open;
      }}
    >
      <summary>
        <h2>Licences</h2>
      </summary>
      {!file && <p class="soft">They are known once the video is finished.</p>}
      {fault.value && <p class="fault">{fault.value}</p>}
      <ul class="licences">
        {lines.value?.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}

/** The same clip may be in several scenes. */
function linesOf({ media, fonts, voice, music }: LicenceFile): string[] {
  const lines = [
    ...media.map(({ source, author, licence }) => `Picture: ${author}, ${source} (${licence})`),
    `Voice: ${voice.name} (${voice.licence})`,
    ...(music ? [`Music: ${music.name} (${music.licence})`] : []),
    ...fonts.map(({ family, licence }) => `Font: ${family} (${licence})`),
  ];
  return [...new Set(lines)];
}
