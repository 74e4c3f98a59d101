import { CsvError, parse } from 'csv-parse/sync';
import { didYouMean } from '../client/nearest.ts';
import { checked, type FileContent, type FileOrder } from './file-order.ts';
import { ORDER_FIELDS, type OrderField, valueFrom } from './order-fields.ts';

/** What a spreadsheet calls them most often. */
const SYNONYMS = new Map([
  ['topic', 'prompt'],
  ['subject', 'prompt'],
  ['channel', 'channel_id'],
  ['user', 'user_id'],
]);
const NAMES = ORDER_FIELDS.map(({ name }) => name);

interface Line {
  cells: string[];
  /** Line of the file on which it begins; a cell may hold several. */
  line: number;
}

/**
 * Orders of a CSV file: the first line names fields of an order, each other line is an order, an empty cell leaves
 * its field out. Parted by commas, or by semicolons where the first line has them.
 */
export function readCsv(text: string, defaults: Record<string, unknown>): FileContent {
  const lines = linesOf(text);
  if ('fault' in lines) return { faults: [lines.fault] };
  const [head, ...rest] = lines.lines;
  if (head === undefined) return { orders: [] };
  const columns = head.cells.map((title) => title.trim());
  const faults = columns.flatMap((title, i) => columnFault(title, i, columns, head.line));
  if (faults.length > 0) return { faults };
  return checked(rest.map((line) => orderOf(line, columns, defaults)));
}

function linesOf(text: string): { lines: Line[] } | { fault: string } {
  const [first = ''] = text.split(/\r?\n/, 1);
  const delimiter = first.includes(';') && !first.includes(',') ? ';' : ',';
  try {
    const records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      raw: true,
      skip_empty_lines: true,
    }) as unknown as Record_[];
    return {
      lines: records.map(({ record, raw, info }) => ({ cells: record, line: info.lines - breaksIn(raw) })),
    };
  } catch (error) {
    if (error instanceof CsvError) return { fault: csvFault(error) };
    throw error;
  }
}

interface Record_ {
  record: string[];
  raw: string;
  info: { lines: number };
}

function breaksIn(raw: string): number {
  return raw.replace(/\r?\n$/, '').split(/\r?\n/).length - 1;
}

function csvFault({ code, message, ...rest }: CsvError): string {
  const at = `line ${String((rest as { lines?: number }).lines ?? '?')}`;
  if (code === 'CSV_QUOTE_NOT_CLOSED') return `${at}: a quote is opened and not closed`;
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH')
    return `${at}: has another number of cells than the first line; a text with commas stands in quotes`;
  return `${at}: ${message.replace(/ on line \d+$/, '')}`;
}

function columnFault(title: string, index: number, columns: readonly string[], line: number): string[] {
  const at = `line ${line}, column ${index + 1}`;
  if (columns.indexOf(title) < index) return [`${at}: "${title}" is there twice`];
  if (NAMES.includes(title)) return [];
  const synonym = SYNONYMS.get(title.toLowerCase());
  const hint = synonym ? `; did you mean "${synonym}"?` : didYouMean(title.toLowerCase(), NAMES);
  return [
    `${at}: ${title === '' ? 'a column has no name' : `"${title.slice(0, 60)}" is not a field of an order`}${hint}`,
  ];
}

function orderOf(
  { cells, line }: Line,
  columns: readonly string[],
  defaults: Record<string, unknown>,
): FileOrder {
  const given = columns.flatMap((name, i) => {
    const cell = cells[i] ?? '';
    const field = ORDER_FIELDS.find((each) => each.name === name) as OrderField;
    return cell.trim() === '' ? [] : [[name, valueFrom(field, cell)] as const];
  });
  return {
    fields: { ...defaults, ...Object.fromEntries(given) },
    where: (field) =>
      columns.includes(field.split('.')[0] ?? '')
        ? `line ${line}, column ${field}`
        : `line ${line}, ${field}`,
  };
}
