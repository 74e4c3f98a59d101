const MOST_CHARS = 48;

/** A title as the name of a folder: lower-case letters and digits of any script, joined by "-". */
export function slugOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  let slug = '';
  for (const word of words) {
    if (slug.length + word.length + 1 > MOST_CHARS) break;
    slug += slug ? `-${word}` : word;
  }
  return slug || [...(words[0] ?? 'video')].slice(0, MOST_CHARS / 2).join('');
}
