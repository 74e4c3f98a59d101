import type { AudioResult, Bill, MediaResult, RenderResult, ScriptResult } from '../../domain/results.ts';
import type { Order } from '../../domain/video.ts';
import { describeUpload } from './description.ts';
import { licencesIn } from './licences.ts';
import { cut, plain } from './plain-text.ts';

/** YouTube takes 100. */
const TITLE_CHARS = 99;
const TAGS_CHARS = 500;
/** YouTube's "People & Blogs". */
const CATEGORY = '22';
/** Services that are bought from somebody; the others are this machine's own. */
const BOUGHT = ['openai', 'tts', 'media_api'];

export interface UploadMetadata {
  title: string;
  description: string;
  tags: string[];
  categoryId: string;
  privacyStatus: 'private';
  defaultLanguage: string;
  defaultAudioLanguage: string;
  containsSyntheticMedia: true;
  selfDeclaredMadeForKids: false;
  channelId: string;
  durationMs: number;
  aspect: string;
  production: { script: string; media: string[]; encoder: string; offline: boolean; note: string };
}

export interface MadeFrom {
  order: Order;
  script: ScriptResult;
  audio: AudioResult;
  media: MediaResult;
  render: RenderResult;
  /** The ledger so far: it tells whether anything was bought. */
  bill: Bill;
}

/** What the upload says about the video, cut to what YouTube takes. */
export function metadataOf({ order, script, audio, media, render, bill }: MadeFrom): UploadMetadata {
  const offline = isOffline(script, media, bill);
  return {
    title:
      cut(plain(order.title ?? script.title).replace(/\s+/gu, ' '), TITLE_CHARS, (text) => text.length) ||
      'Untitled',
    description: describeUpload(order, script, media, audio),
    tags: tagsThatFit([...order.tags, ...script.tags]),
    categoryId: CATEGORY,
    privacyStatus: 'private',
    defaultLanguage: script.language,
    defaultAudioLanguage: script.language,
    containsSyntheticMedia: true,
    selfDeclaredMadeForKids: false,
    channelId: order.channel_id,
    durationMs: render.durationMs,
    aspect: order.aspect,
    production: {
      script: script.source,
      media: [...new Set(media.scenes.flatMap(licencesIn).map(({ source }) => source))],
      encoder: render.encoder,
      offline,
      note: offline
        ? 'Made on one machine, without any service.'
        : 'Made with the services that bill.json names.',
    },
  };
}

/** True when no service was asked for anything, paid or free: not for words, nor for pictures, nor for a voice. */
function isOffline(script: ScriptResult, media: MediaResult, bill: Bill): boolean {
  const lines = [...bill.charges, ...bill.saved];
  const bought = lines.some(({ service, amount }) => BOUGHT.includes(service) && amount > 0);
  return !bought && script.source !== 'llm' && media.scenes.every(({ kind }) => kind === 'card');
}

/** Tags without doubles while they fit; YouTube counts the commas between them, and quotes around a space. */
function tagsThatFit(tags: readonly string[]): string[] {
  const seen = new Set<string>();
  let room = TAGS_CHARS;
  return tags.flatMap((tag) => {
    const text = plain(tag).replaceAll(',', ' ').replace(/\s+/gu, ' ').trim();
    const size = text.length + (text.includes(' ') ? 2 : 0) + 1;
    if (text === '' || seen.has(text.toLowerCase()) || size > room) return [];
    seen.add(text.toLowerCase());
    room -= size;
    return [text];
  });
}
