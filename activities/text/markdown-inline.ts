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

/** The words of a line of Markdown: no images, link targets, notes, emphasis, code marks or HTML. */
export function plainWords(markdown: string): string {
  return markdown
    .replace(ESCAPED, (_, sign: string) => String.fromCharCode(PARKED + sign.charCodeAt(0)))
    .replace(/!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])?/g, '')
    .replace(/\[\^[^\]]*\]/g, '')
    .replace(/\[([^\]]*)\]\((?:[^()]|\([^()]*\))*\)/g, '$1')
    .replace(/\[([^\]]+)\]\[[^\]]*\]/g, '$1')
    .replace(/<((?:https?|mailto):[^>\s]+)>/g, '$1')
    .replace(/<\/?[a-zA-Z][^<>]*>/g, '')
    .replace(
      /(?<![\p{L}\p{N}@/])(?:https?:\/\/|mailto:)(?:www\.)?([^\s/)\]]+)[^\s)\]]*?(?=[.,;:!?]?(?:[\s)\]]|$))/gu,
      '$1',
    )
    .replace(/(`+)(.+?)\1/g, '$2')
    .replace(/~~(.+?)~~/g, '$1')
    .replace(/(\*{1,3})(?=\S)(.+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}])(_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])/gu, '$2')
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
