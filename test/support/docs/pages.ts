import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../infra/project-root.ts';

/** A fenced block of a page. The first line of its fence is ``` LANGUAGE, and behind it why it is not run: (REASON). */
export interface Block {
  /** `docs/api.md:12` */
  place: string;
  language: string;
  /** Null for a block that is run. */
  reason: string | null;
  text: string;
}

/** Something between backticks in the text. */
export interface Span {
  place: string;
  text: string;
}

export interface Page {
  blocks: Block[];
  spans: Span[];
}

/** All pages but the table of proofs, whose commands are the tests themselves. */
export function readPages(): Page[] {
  const docs = readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' });
  const names = docs
    .filter((name) => name.endsWith('.md') && name !== 'proofs.md')
    .map((name) => `docs/${name}`);
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...names.sort()].map(readPage);
}

const FENCE = /^```(?<language>[\w-]*)(?: \((?<reason>[^)]+)\))?$/;

function readPage(name: string): Page {
  const page: Page = { blocks: [], spans: [] };
  const prose: string[] = [];
  let open: Block | null = null;
  const lines = readFileSync(join(projectRoot, name), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const place = `${name}:${index + 1}`;
    if (open && line === '```') {
      page.blocks.push(open);
      open = null;
    } else if (open) open.text += `${line}\n`;
    else if (line.startsWith('```')) open = begin(place, line);
    prose.push(open || line.startsWith('```') ? '' : line);
  }
  page.spans = spansOf(name, prose.join('\n'));
  return page;
}

function begin(place: string, line: string): Block {
  const { language = '', reason = null } = FENCE.exec(line)?.groups ?? {};
  return { place, language, reason, text: '' };
}

/** A span may go over the end of a line, not over that of a paragraph. */
function spansOf(name: string, prose: string): Span[] {
  return [...prose.matchAll(/`((?:[^`\n]|\n(?!\n))+)`/g)].map((match) => ({
    place: `${name}:${prose.slice(0, match.index).split('\n').length}`,
    text: (match[1] ?? '').replaceAll('\n', ' '),
  }));
}
