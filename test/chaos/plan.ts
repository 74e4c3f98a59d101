/** What is killed: each process of the stack that has a name in lock.json. */
const VICTIMS = ['worker', 'api', 'postgres', 'redis', 'temporal'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Kill {
  victim: Victim;
  /** Progress of all videos together, 0 to 100, at which it happens. */
  at: number;
}

/** No kill before the first orders run, and none after the last ones are done. */
const FIRST_AT = 2;
const LAST_AT = 95;

/** Kills in order of time, at random moments; every victim gets as many as the others, give or take one. */
export function planKills(count: number, random: () => number): Kill[] {
  const moments = Array.from({ length: count }, () => FIRST_AT + random() * (LAST_AT - FIRST_AT)).sort(
    (a, b) => a - b,
  );
  const deck: Victim[] = [];
  return moments.map((at) => {
    if (deck.length === 0) deck.push(...VICTIMS);
    const [victim = 'worker'] = deck.splice(Math.floor(random() * deck.length), 1);
    return { victim, at };
  });
}
