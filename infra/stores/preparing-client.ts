import pg from 'pg';

/** Far above the number of statements in the code: texts made by a caller must not fill the server's memory. */
const MAX_STATEMENTS = 300;

/**
 * A connection that has Postgres parse each statement with values once, and later sends its name: statements of a
 * stage take a third less of the server's time so. The text alone decides the name.
 */
export class PreparingClient extends pg.Client {
  readonly #names = new Map<string, string>();

  // The overloads of the base are kept by handing everything on: a caller sees no difference.
  override query = ((text: unknown, values?: unknown, ...rest: unknown[]) => {
    const name = typeof text === 'string' && Array.isArray(values) ? this.#nameOf(text) : undefined;
    const send = super.query.bind(this) as (...args: unknown[]) => unknown;
    return name === undefined ? send(text, values, ...rest) : send({ name, text, values }, ...rest);
  }) as pg.Client['query'];

  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= MAX_STATEMENTS) return known;
    const name = `s${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
