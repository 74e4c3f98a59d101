/** What may be sent as own media. A clip moves, an image stands still. */
export const MEDIA_FORMATS = ['mp4', 'mov', 'jpeg', 'png', 'webp'] as const;
export type MediaFormat = (typeof MEDIA_FORMATS)[number];
export type MediaKind = 'clip' | 'image';

/** Names by which a client may send them; what the bytes say counts. */
export const MEDIA_TYPES = [
  ...['video/mp4', 'video/quicktime', 'image/jpeg', 'image/png', 'image/webp'],
  'application/octet-stream',
];

const MB = 1024 ** 2;
/** Largest file of each kind, in bytes. */
export const MAX_MEDIA_BYTES: Record<MediaKind, number> = { clip: 200 * MB, image: 25 * MB };

/** So many bytes tell the format of a file. */
export const MAGIC_BYTES = 12;

const PNG = '\x89PNG\r\n\x1a\n';

export function kindOf(format: MediaFormat): MediaKind {
  return format === 'mp4' || format === 'mov' ? 'clip' : 'image';
}

/** The format by a file's first bytes, whatever its name or its sender says; null for any other. */
export function formatOf(start: Buffer): MediaFormat | null {
  const text = start.toString('latin1', 0, MAGIC_BYTES);
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith(PNG)) return 'png';
  if (text.startsWith('RIFF') && text.slice(8) === 'WEBP') return 'webp';
  if (text.slice(4, 8) === 'ftyp') return text.slice(8) === 'qt  ' ? 'mov' : 'mp4';
  return null;
}
