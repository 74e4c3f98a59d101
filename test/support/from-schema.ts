import fc from 'fast-check';

/** The part of JSON Schema that our own documents use. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  format?: string;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

/** What no schema asks for: wrong types, huge and broken texts, paths, markup, numbers at their ends. */
export const GARBAGE: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1e308,
    -0.5,
    2 ** 53,
    '',
    'a'.repeat(10_000),
    'é'.repeat(10_000),
    '\0',
    'a\0b',
    '\ud800',
    '../../etc/passwd',
    '\u202e\ufeff',
    "'; DROP TABLE video_queue; --",
    '%s%n{{7*7}}<b>',
    '-Infinity',
    {},
    [],
    { $ref: '#' },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** What a check that looks only at the type lets through, and a database does not. */
const BROKEN_TEXT = fc.constantFrom('a\0b', '\ud800 alone', 'a'.repeat(10_000), 'two\nlines');

/** Values that fit a schema, or mostly: `odd` of a hundred parts of it are garbage instead. */
export function fromSchema(
  schema: JsonSchema,
  lookUp: (ref: string) => JsonSchema,
  odd: number,
): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 100 - odd, arbitrary: fitting(schema, lookUp, odd) },
    { weight: odd, arbitrary: GARBAGE },
  );
}

/** Plain values for some fields of an object, and garbage for one: what comes past all checks but the last. */
export function oneFieldOff(schema: JsonSchema, lookUp: (ref: string) => JsonSchema): fc.Arbitrary<unknown> {
  const { properties = {}, ...rest } = schema.$ref ? lookUp(schema.$ref) : schema;
  const names = Object.keys(properties);
  if (names.length === 0) return GARBAGE;
  const plain = fitting({ ...rest, type: 'object', properties }, lookUp, 0);
  return fc
    .tuple(plain, fc.constantFrom(...names), fc.oneof(GARBAGE, BROKEN_TEXT, fc.string({ unit: 'binary' })))
    .map(([object, name, value]) => ({ ...(object as object), [name]: value }));
}

function fitting(
  schema: JsonSchema,
  lookUp: (ref: string) => JsonSchema,
  odd: number,
): fc.Arbitrary<unknown> {
  const inner = (part: JsonSchema) => fromSchema(part, lookUp, odd);
  if (schema.$ref) return inner(lookUp(schema.$ref));
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(inner));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (odd === 0 && schema.default !== undefined) return fc.constant(schema.default);
  const type = [schema.type ?? 'any'].flat().at(-1);
  if (type === 'object') return objects(schema, inner, odd);
  if (type === 'array')
    return fc.array(inner(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 4, 4) });
  if (type === 'integer') return fc.integer(bounds(schema));
  if (type === 'number')
    return odd === 0
      ? fc.constant(schema.minimum ?? 1.5)
      : fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
  if (type === 'boolean') return fc.boolean();
  if (schema.format === 'uuid') return fc.uuid();
  if (type === 'string') return odd === 0 ? WORDS : texts(schema);
  return GARBAGE;
}

function bounds({ minimum = -1000, maximum = 1000 }: JsonSchema) {
  return { min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31 - 1) };
}

function objects(schema: JsonSchema, inner: (part: JsonSchema) => fc.Arbitrary<unknown>, odd: number) {
  const fields = Object.entries(schema.properties ?? {}).map(([name, part]) => [name, inner(part)] as const);
  const required = odd > 0 ? [] : (schema.required ?? []);
  return fc.record(Object.fromEntries(fields), { requiredKeys: required });
}

/** Texts that most fields take. */
const WORDS = fc.constantFrom('How the deep sea was mapped', 'A');

function texts({ minLength = 0, maxLength = 60 }: JsonSchema) {
  const long = fc.constant('word '.repeat(Math.ceil(maxLength / 5)).slice(0, maxLength));
  return fc.oneof(WORDS, long, fc.string({ minLength, maxLength: Math.min(maxLength, 60), unit: 'binary' }));
}
