import { oneLine } from './format.ts';
import type { Terminal } from './terminal.ts';
import { cellsOf, cutTo } from './text-width.ts';
import { paint, type Tone } from './tone.ts';

/** Text of a cell, whoever wrote it: it is made safe for a terminal here. */
export type Cell = string | { text: string; tone: Tone };

export interface Column {
  title: string;
  /** Figures stand at the right. */
  right?: boolean;
}

const GAP = '  ';

/** Writes a table; on a terminal no line is wider than it, and the last column is cut first. */
export function writeTable(terminal: Terminal, columns: readonly Column[], rows: readonly Cell[][]): void {
  const texts = rows.map((row) => columns.map((_, i) => textOf(row[i] ?? '')));
  const widths = columns.map(({ title }, i) =>
    Math.max(...[title, ...texts.map((row) => row[i] ?? '')].map(cellsOf)),
  );
  const width = terminal.columns();
  const head = columns.map(({ title }) => ({ text: title, tone: 'quiet' as const }));
  for (const row of [head, ...rows]) {
    terminal.write(`${lineOf(terminal, columns, row, fitted(widths, width))}\n`);
  }
}

/** Takes from the last column first, then from the one before it, until all fit. */
function fitted(widths: readonly number[], width: number | null): number[] {
  const fit = [...widths];
  let over = width === null ? 0 : sum(fit) + GAP.length * (fit.length - 1) - width;
  for (let i = fit.length - 1; i >= 0 && over > 0; i -= 1) {
    const taken = Math.min(over, (fit[i] as number) - (i === fit.length - 1 ? 1 : 0));
    fit[i] = (fit[i] as number) - taken;
    over -= taken;
  }
  return fit;
}

function lineOf(
  terminal: Terminal,
  columns: readonly Column[],
  row: readonly Cell[],
  widths: number[],
): string {
  const cells = columns.map(({ right }, i) => {
    const cell = row[i] ?? '';
    const text = cutTo(textOf(cell), widths[i] as number);
    const padding = ' '.repeat(Math.max(0, (widths[i] as number) - cellsOf(text)));
    const painted = typeof cell === 'string' ? text : paint(terminal, cell.tone, text);
    if (right) return padding + painted;
    return i === columns.length - 1 ? painted : painted + padding;
  });
  return cells.join(GAP).trimEnd();
}

/** Writes "name  value" lines, the values below each other; a value of null is left out. */
export function writeFields(terminal: Terminal, fields: readonly (readonly [string, Cell | null])[]): void {
  const shown = fields.filter((field): field is [string, Cell] => field[1] !== null);
  const longest = Math.max(...shown.map(([name]) => name.length));
  const width = terminal.columns();
  for (const [name, value] of shown) {
    const head = `${name.padEnd(longest)}${GAP}`;
    const text = width === null ? textOf(value) : cutTo(textOf(value), Math.max(8, width - head.length));
    const painted = typeof value === 'string' ? text : paint(terminal, value.tone, text);
    terminal.write(`${paint(terminal, 'quiet', head)}${painted}\n`);
  }
}

function textOf(cell: Cell): string {
  return oneLine(typeof cell === 'string' ? cell : cell.text);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
