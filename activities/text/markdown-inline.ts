const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
  deg: '°',
  times: '×',
};

/** An escaped sign waits in the private-use area until the marks have been read. */
const PARKED = 0xe000;
const ESCAPED = /\\([\\`*_{}[\]()#+.!~<>|-])/g;
const PARKED_SIGNS = /[\ue000-\ue07f]/g;

/** A bare address: its host is what can be said of it. */
const URL =
  /(?<![\p{L}\p{N}@/])(?:https?:\/\/|mailto:)(?:www\.)?([^\s/)\]]{1,255})[^\s)\]]{0,800}?(?=[.,;:!?]?(?:[\s)\]]|$))/gu;

/**
 * The words of a line of Markdown: no images, link targets, notes, emphasis, code marks or HTML. Every mark has a
 * greatest length: an open bracket without its end must not be searched for through a whole hostile text.
 */
export function plainWords(markdown: string): string {
  return markdown
    .replace(ESCAPED, (_, sign: string) => String.fromCharCode(PARKED + sign.charCodeAt(0)))
    .replace(/!\[[^\]]{0,400}\](\([^)]{0,800}\)|\[[^\]]{0,100}\])?/g, '')
    .replace(/\[\^[^\]]{0,100}\]/g, '')
    .replace(/\[([^\]]{0,400})\]\((?:[^()]|\([^()]{0,200}\)){0,800}\)/g, '$1')
    .replace(/\[([^\]]{1,400})\]\[[^\]]{0,100}\]/g, '$1')
    .replace(/<((?:https?|mailto):[^>\s]{1,800})>/g, '$1')
    .replace(/<\/?[a-zA-Z][^<>]{0,800}>/g, '')
    .replace(URL, '$1')
    .replace(/(`{1,3})([^`]+)\1/g, '$2')
    .replace(/~~([^~]+)~~/g, '$1')
    .replace(/(\*{1,3})(?=\S)(.{1,800}?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}])(_{1,3})(?=\S)(.{1,800}?)(?<=\S)\1(?![\p{L}\p{N}])/gu, '$2')
    .replace(PARKED_SIGNS, (sign) => String.fromCharCode(sign.charCodeAt(0) - PARKED))
    .replace(/&(#x?[\da-fA-F]+|[a-z]+);/g, entity)
    .replace(/\s+/g, ' ')
    .trim();
}

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 31 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}
