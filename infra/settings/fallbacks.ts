/** What may take over from a paid provider, by its kind. A script has no stand-in: the offline writer has no facts. */
const STAND_INS = { speech: ['local'], footage: ['cards'] } as const;

export type Fallbacks = { speech?: 'local'; footage?: 'cards' };

const EXPECTED = 'pairs parted by commas, of speech=local and footage=cards';

/** Reads FALLBACKS. Throws an Error that says what is expected. */
export function fallbacks(value: string): Fallbacks {
  const read: Record<string, string> = {};
  for (const pair of value.split(',').map((each) => each.trim())) {
    if (pair === '') continue;
    const [kind = '', name = '', ...more] = pair.split('=').map((each) => each.trim());
    const known: readonly string[] = Object.hasOwn(STAND_INS, kind)
      ? STAND_INS[kind as keyof typeof STAND_INS]
      : [];
    if (more.length > 0 || !known.includes(name) || kind in read)
      throw new Error(`${EXPECTED}, not "${pair}"`);
    read[kind] = name;
  }
  return read;
}
