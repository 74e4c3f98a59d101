import type {
  AudioResult,
  Licence,
  MediaResult,
  MusicCredit,
  SceneMedia,
  ScriptResult,
} from '../../domain/results.ts';
import { SOFT_MUSIC } from '../../domain/video.ts';
import { NOT_STATED } from '../audio/music.ts';
import { oneLine, shorten } from '../text/clean-text.ts';

export interface LicenceFile {
  media: (Licence & { scene: number; heading: string })[];
  fonts: { family: string; licence: string; source: string }[];
  voice: { name: string; licence: string };
  /** Null without music. */
  music: MusicCredit | null;
}

const FONTS = ['Inter', 'Noto Sans Arabic', 'Noto Sans Hebrew', 'Noto Emoji'].map((family) => ({
  family,
  licence: 'SIL Open Font License 1.1',
  source: 'Google Fonts',
}));

const VOICE_LICENCES: Record<string, string> = {
  'hibari-tts': 'Apache-2.0',
  flite: 'BSD-like (CMU Flite)',
  'espeak-ng': 'GPL-3.0-or-later (the engine; its speech is free to use)',
};

/** Where everything that is seen and heard came from, for the day when a claim arrives. */
export function licencesOf(
  script: ScriptResult,
  media: MediaResult,
  { voice, music }: Pick<AudioResult, 'voice' | 'music'>,
): LicenceFile {
  return {
    media: media.scenes.flatMap((scene, i) =>
      licencesIn(scene).map((licence) => ({
        scene: i + 1,
        heading: script.scenes[i]?.heading ?? '',
        ...licence,
      })),
    ),
    fonts: FONTS,
    voice: {
      name: voice,
      licence: VOICE_LICENCES[engineOf(voice)] ?? 'the terms of its provider',
    },
    music: music ?? null,
  };
}

/** "hibari-tts (emma)" is the engine's voice. */
function engineOf(voice: string): string {
  return voice.replace(/ \(.*\)$/u, '');
}

/** The licences of what is seen in one scene: the card's, or one for each clip. */
export function licencesIn(scene: SceneMedia): Licence[] {
  return scene.kind === 'footage' ? scene.clips.map(({ licence }) => licence) : [scene.licence];
}

const MAX_NAMES = 12;
const MAX_LICENCE_CHARS = 300;

/**
 * One line for each source that has a page: its link and licence, which its terms ask for, and whose clips were taken;
 * then the music whose licence is known and is not ours.
 */
export function creditsOf(media: MediaResult, music?: MusicCredit): string {
  const names = new Map<string, Set<string>>();
  for (const { source, author, url, licence } of media.scenes.flatMap(licencesIn)) {
    if (!url || !URL.canParse(url)) continue;
    const line = `Footage: ${source} (${new URL(url).origin}, ${licence})`;
    names.set(line, (names.get(line) ?? new Set()).add(oneLine(author)));
  }
  const footage = [...names].map(([line, authors]) => `${line} by ${listed([...authors])}`);
  return [...footage, ...musicCredit(music)].join('\n');
}

function musicCredit(music: MusicCredit | undefined): string[] {
  if (!music || music.name === SOFT_MUSIC || music.licence === NOT_STATED) return [];
  return [`Music: ${music.name} (${shorten(oneLine(music.licence), MAX_LICENCE_CHARS)})`];
}

function listed(authors: readonly string[]): string {
  const more = authors.length > MAX_NAMES ? ' and others' : '';
  return `${authors.slice(0, MAX_NAMES).join(', ')}${more}`;
}
