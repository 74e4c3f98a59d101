import { badInput, type CliError } from '../client/cli-error.ts';
import type { Options } from '../client/options.ts';
import { faultsOf, ORDER_FIELDS, type OrderField, valueFrom } from './order-fields.ts';

/** The fields of an order as flags: every command that orders takes the same, made from the schema. */

/** Given as an argument, or read from a file. */
const SOURCES = ['prompt', 'script', 'article'];
const FLAGS = ORDER_FIELDS.filter(({ name }) => !SOURCES.includes(name));

const PLACEHOLDERS: Record<OrderField['kind'], string> = {
  text: 'TEXT',
  number: 'N',
  list: 'A,B',
  'yes or no': '',
};

export const ORDER_OPTIONS: Options = Object.fromEntries(
  FLAGS.map(({ flag, kind }) => [flag, { type: kind === 'yes or no' ? 'boolean' : 'string' }]),
);

/** A line of help for each flag. */
export const ORDER_HELP = FLAGS.map(({ flag, kind, description }) =>
  `  ${`--${flag} ${PLACEHOLDERS[kind]}`.padEnd(22)} ${description}`.trimEnd(),
).join('\n');

type Values = Record<string, string | boolean | undefined>;

/** The part of an order that is given by flags. */
export function flaggedFields(values: Values): Record<string, unknown> {
  const given = FLAGS.flatMap((field) => {
    const value = values[field.flag];
    if (value === undefined) return [];
    return [[field.name, typeof value === 'string' ? valueFrom(field, value) : value]];
  });
  return Object.fromEntries(given);
}

/** Throws a CliError that names the first flag whose value does not fit; `help` is the command that shows what does. */
export function checkOrder(order: Record<string, unknown>, values: Values, help: string): void {
  const [fault] = faultsOf(order);
  if (fault) throw refusal(fault.field, fault.message, values, help);
}

function refusal(field: string, message: string, values: Values, help: string): CliError {
  const [name = ''] = field.split('.');
  if (name === 'prompt') return badInput('the topic', message, 'give other words');
  const flag = FLAGS.find((each) => each.name === name)?.flag ?? name;
  const value = values[flag];
  const given = typeof value === 'string' ? ` ${JSON.stringify(value.slice(0, MAX_QUOTED_CHARS))}` : '';
  return badInput(`--${flag}${given}`, message, `see ${help}`);
}

/** What the user typed is kept to one short line. */
const MAX_QUOTED_CHARS = 60;
