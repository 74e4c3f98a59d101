import { timingSafeEqual } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findKey } from '../../../api/access/key-ring.ts';
import { createRateLimit } from '../../../api/access/rate-limit.ts';
import { makeTicket, readTicket } from '../../../api/access/session.ts';
import { createStreamPlaces } from '../../../api/access/stream-places.ts';
import type { ProblemError } from '../../../api/errors.ts';
import { type ApiKey, hashKey } from '../../../infra/settings/api-keys.ts';

const keyNamed = (name: string, secret = `key of ${name}`): ApiKey => ({
  name,
  scopes: ['read'],
  sha256: hashKey(secret),
});
const [ANN, BOB, EVE] = [keyNamed('ann'), keyNamed('bob'), keyNamed('eve')];
const RING = [ANN, BOB, EVE];

test('a key is found by its hash, and nothing near it is', () => {
  expect(findKey(RING, 'key of bob')).toBe(BOB);
  for (const wrong of ['', 'key of bo', 'key of bob ', 'KEY OF BOB', BOB.sha256, 'x'.repeat(100_000), '\0']) {
    expect(findKey(RING, wrong)).toBeNull();
  }
  expect(findKey([], '')).toBeNull();
});

test.each(['key of ann', 'key of eve', 'no key at all'])(
  'the time for "%s" tells nothing: every key is compared, in constant time',
  (presented) => {
    const lengths: number[][] = [];
    findKey(RING, presented, (left, right) => {
      lengths.push([left.length, right.length]);
      return timingSafeEqual(left, right);
    });
    expect(lengths).toEqual(RING.map(() => [32, 32]));
  },
);

const NOW = 1_000_000;

test('a ticket stands for its key until its time is over', () => {
  const ticket = makeTicket('secret', BOB, NOW + 10);
  expect(readTicket('secret', RING, ticket, NOW)).toBe(BOB);
  expect(readTicket('secret', RING, ticket, NOW + 10)).toBeNull();
});

test('a ticket dies with its key, also when a new key has the same name, and with the secret', () => {
  const ticket = makeTicket('secret', BOB, NOW + 10);
  expect(readTicket('secret', [ANN], ticket, NOW)).toBeNull();
  expect(readTicket('secret', [keyNamed('bob', 'a new key')], ticket, NOW)).toBeNull();
  expect(readTicket('another secret', RING, ticket, NOW)).toBeNull();
});

test('a ticket that was changed anywhere stands for nothing', () => {
  const ticket = makeTicket('secret', BOB, NOW + 10);
  const canonical = (text: string) => Buffer.from(text.split('.').at(-1) ?? '', 'base64url').toString('hex');
  fc.assert(
    fc.property(fc.nat(ticket.length - 1), fc.constantFrom(...'aZ09-_. \0'), (at, char) => {
      const changed = ticket.slice(0, at) + char + ticket.slice(at + 1);
      // The last character of base64 has bits that count for nothing: that is the same signature.
      const same = changed.slice(0, -1) === ticket.slice(0, -1) && canonical(changed) === canonical(ticket);
      fc.pre(changed !== ticket && !same);
      expect(readTicket('secret', RING, changed, NOW)).toBeNull();
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => readTicket('secret', RING, text, NOW) === null));
});

test('calls are limited per caller, and come back with time', () => {
  let nowMs = 0;
  const limit = createRateLimit(60, () => nowMs);
  for (let call = 0; call < 60; call += 1) expect(limit.take('ann')).toBe(0);
  expect(limit.take('ann')).toBe(1000);
  expect(limit.take('bob')).toBe(0);
  nowMs = 999;
  expect(limit.take('ann')).toBeGreaterThan(0);
  nowMs = 1000;
  expect(limit.take('ann')).toBe(0);
  expect(limit.take('ann')).toBe(1000);
  nowMs = 10 * 60_000;
  for (let call = 0; call < 60; call += 1) expect(limit.take('ann')).toBe(0);
  expect(limit.take('ann')).toBeGreaterThan(0);
});

test('over any minute no caller gets more than twice the rate, and never waits longer than it is told', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3_000), { maxLength: 200 }), (pauses) => {
      let nowMs = 0;
      const limit = createRateLimit(30, () => nowMs);
      const taken: number[] = [];
      for (const pause of pauses) {
        nowMs += pause;
        const waitMs = limit.take('ann');
        if (waitMs > 0) {
          nowMs += waitMs;
          expect(limit.take('ann')).toBe(0);
        }
        taken.push(nowMs);
      }
      for (const from of taken) {
        expect(taken.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(60);
      }
    }),
  );
});

test('a flood from a hundred thousand addresses costs bounded memory and little time', () => {
  const limit = createRateLimit(1, () => 0);
  for (let address = 0; address < 100_000; address += 1) limit.take(`address ${address}`);
  expect(limit.take('address 99999')).toBeGreaterThan(0);
  // Forgotten: otherwise it would be remembered for ever.
  expect(limit.take('address 0')).toBe(0);
});

const codeOf = (take: () => unknown) => {
  try {
    take();
    return null;
  } catch (error) {
    return (error as ProblemError).code;
  }
};

test('open streams are bounded for one key and for all, and each place comes back once', () => {
  const places = createStreamPlaces({ all: 5, each: 2 });
  const ann = { name: 'ann', by: 'key' } as const;
  const local = { name: 'local', by: 'loopback' } as const;
  const release = places.take(ann);
  places.take(ann);
  expect(codeOf(() => places.take(ann))).toBe('too_many_streams');
  for (let stream = 0; stream < 3; stream += 1) places.take(local);
  expect(codeOf(() => places.take(local))).toBe('streams_full');
  expect(places.open).toBe(5);
  release();
  release();
  expect(places.open).toBe(4);
  places.take(ann);
  expect(codeOf(() => places.take(local))).toBe('streams_full');
});
