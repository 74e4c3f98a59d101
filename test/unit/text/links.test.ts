import { expect, test } from 'vitest';
import { withoutLinks } from '../../../activities/text/links.ts';

test.each([
  'https://evil.example/win',
  'www.evil.example',
  'evil-coins.de/win',
  'bitcoin.uk',
  'EVIL.DE',
  'Evil.De',
  'casino.bet',
  'casino.bet/x',
  'evil.pro/x',
  'evil.museum/',
  'evil.museum:8080/x',
  'evil.museum?x=1',
  'evil.md/x',
  'evil.xn--p1ai/x',
  'покер.рф/x',
  '.evil.de',
  '...evil.de',
  '-evil.de',
  'a.b.c.evil.de#x',
])('the address %j is left out', (address) => {
  expect(withoutLinks(`Corals (${address}) build reefs`)).not.toMatch(/evil|bitcoin|casino|покер/i);
  expect(withoutLinks(`Corals ${address} build`)).toMatch(/^Corals [.]* ?build$/);
});

test.each([
  'Node.js vs. Deno 2.0 at 3.5 GHz',
  'Vue.js/React or Next.js?',
  'What is in a setup.py, and what in README.md',
  'Why Math.random is not random',
  'A reef.It grows.In time it is large.',
  'TCP/IP and/or 3.5/4.5, e.g./i.e., z.B./bzw., U.S./U.K.',
  'St. Pauli, Ph.D., No. 5, p.m. and 7.30am',
])('%j holds no address and stays', (text) => {
  expect(withoutLinks(text)).toBe(text);
});

test.each(['a.', 'a.b-', '-.', '.', 'a@b.', 'aa/', 'a.b/', 'www.', 'a:'])(
  'half a megabyte of %j takes less than five seconds of a processor',
  (hostile) => {
    const before = process.cpuUsage();
    withoutLinks(hostile.repeat(500_000 / hostile.length));
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(5_000_000);
  },
);
