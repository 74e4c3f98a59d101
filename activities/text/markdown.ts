import { plainWords } from './markdown-inline.ts';

/** A stretch of text below one heading; `paragraphs` and list items are plain words in order of appearance. */
export interface Section {
  heading: string | null;
  level: number;
  blocks: Block[];
}

type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'quote'; text: string }
  | { kind: 'list'; items: string[] };

export interface Document {
  /** The title of the front matter, else the first heading of level 1, else null. */
  title: string | null;
  sections: Section[];
}

const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const ITEM = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(.*)$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const UNDERLINE = /^ {0,3}(=+|-+)\s*$/;
const TABLE = /^\s*\|.*\|\s*$|^\s*:?-{3,}:?(\s*\|\s*:?-{3,}:?)+\s*$/;
const REFERENCE = /^ {0,3}\[[^\]]+\]:\s/;

/**
 * Reads Markdown (or plain text, which is Markdown without marks) as headings, paragraphs, lists and quotes.
 * Code blocks, tables, images, comments and link targets are left out: nobody can listen to them.
 */
export function readMarkdown(text: string): Document {
  const { body, title } = frontMatter(text);
  const lines = withoutCode(body.replace(/<!--[\s\S]*?-->/g, '')).split('\n');
  const reader = new Reader();
  lines.forEach((line, index) => {
    reader.read(line, lines[index + 1] ?? '');
  });
  reader.close();
  const sections = reader.sections.filter((section) => section.heading !== null || section.blocks.length > 0);
  const first = sections.find((section) => section.level === 1)?.heading ?? null;
  return { title: title ?? first, sections };
}

class Reader {
  readonly sections: Section[] = [{ heading: null, level: 0, blocks: [] }];
  #lines: string[] = [];
  #kind: Block['kind'] = 'paragraph';
  #skipUnderline = false;

  read(line: string, next: string): void {
    const heading = HEADING.exec(line);
    if (this.#skipUnderline) this.#skipUnderline = false;
    else if (heading) this.#head(heading[2] ?? '', (heading[1] ?? '').length);
    else if (this.#startsSetext(line, next)) {
      this.#skipUnderline = true;
      this.#head(line, next.trim().startsWith('=') ? 1 : 2);
    } else if (line.trim() === '' || RULE.test(line)) this.close();
    else if (!TABLE.test(line) && !REFERENCE.test(line)) this.#add(line);
  }

  /** Ends the open block. */
  close(): void {
    const words = this.#lines.map(plainWords).filter((line) => line !== '');
    this.#lines = [];
    const blocks = this.sections.at(-1)?.blocks;
    if (!blocks || words.length === 0) return;
    const last = blocks.at(-1);
    if (this.#kind !== 'list') blocks.push({ kind: this.#kind, text: words.join(' ') });
    else if (last?.kind === 'list') last.items.push(...words);
    else blocks.push({ kind: 'list', items: words });
  }

  #head(text: string, level: number): void {
    this.close();
    this.#kind = 'paragraph';
    const heading = plainWords(text);
    if (heading !== '') this.sections.push({ heading, level, blocks: [] });
  }

  #startsSetext(line: string, next: string): boolean {
    return this.#lines.length === 0 && /[\p{L}\p{N}]/u.test(line) && !ITEM.test(line) && UNDERLINE.test(next);
  }

  #add(line: string): void {
    const quote = /^ {0,3}>\s?(.*)$/.exec(line);
    const item = ITEM.exec(line);
    if (quote) this.#open('quote', quote[1] ?? '');
    else if (item && (this.#kind === 'list' || this.#lines.length === 0 || /^\s*[-*+•]/.test(line))) {
      this.#open('list', item[1] ?? '', true);
    } else if (this.#lines.length > 0) this.#lines.push(`${this.#lines.pop()} ${line.trim()}`);
    else this.#open('paragraph', line);
  }

  #open(kind: Block['kind'], text: string, itemOfItsOwn = false): void {
    if (this.#kind !== kind) this.close();
    this.#kind = kind;
    if (itemOfItsOwn || this.#lines.length === 0) this.#lines.push(text);
    else this.#lines.push(`${this.#lines.pop()} ${text}`);
  }
}

function frontMatter(text: string): { body: string; title: string | null } {
  const match = /^\s*---\n([\s\S]*?)\n---\s*(?:\n|$)/.exec(text);
  if (!match || !/^[\w-]+\s*:/m.test(match[1] ?? '')) return { body: text, title: null };
  const title = /^title\s*:\s*(.+)$/m
    .exec(match[1] ?? '')?.[1]
    ?.trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  return { body: text.slice(match[0].length), title: title ? plainWords(title) : null };
}

/** Fenced code goes; an unclosed fence runs to the end, as Markdown has it. */
function withoutCode(text: string): string {
  return text.replace(
    /^ {0,3}(`{3,}(?!`)|~{3,}(?!~))[^\n]*\n(?:[\s\S]*?\n {0,3}\1[`~]*[ \t]*$|[\s\S]*$)/gm,
    '',
  );
}
