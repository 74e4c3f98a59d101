import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressRefused, isPrivateAddress, publicLookup } from '../../../infra/network/public-address.ts';

/**
 * IANA IPv4 and IPv6 Special-Purpose Address Registries as of 2026-11, and multicast: written out a second time, and
 * reckoned with whole numbers below, so that neither a slip of the table nor one of node's BlockList goes unseen.
 */
const V4 = [
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24',
  '192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24',
  '203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32',
].flatMap((line) => line.split(' '));
const V6 = [
  '::1/128 ::/128 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128 2001:2::/48',
  '2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48',
  '3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8',
].flatMap((line) => line.split(' '));

interface Block {
  first: bigint;
  last: bigint;
}

const v4Blocks = V4.map((cidr) => blockOf(cidr, 32));
const v6Blocks = V6.map((cidr) => blockOf(cidr, 128));
/** All else that is no global unicast address is unassigned. */
const GLOBAL = blockOf('2000::/3', 128);
const MAPPED = blockOf('::ffff:0:0/96', 128);

function blockOf(cidr: string, bits: number): Block {
  const [net = '', prefix] = cidr.split('/');
  const size = 1n << BigInt(bits - Number(prefix));
  const first = bits === 32 ? v4Number(net) : v6Number(net);
  return { first, last: first + size - 1n };
}

function v4Number(address: string): bigint {
  return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function v6Number(address: string): bigint {
  const [head = '', tail = ''] = address.split('::').map((half) => half.split(':').filter(Boolean)) as [
    string[],
    string[],
  ];
  const parts = [...head, ...Array<string>(8 - head.length - (tail.length || 0)).fill('0'), ...tail];
  return parts.reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

function v4Text(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
}

function v6Text(number: bigint): string {
  return Array.from({ length: 8 }, (_, i) => ((number >> BigInt(112 - 16 * i)) & 65_535n).toString(16)).join(
    ':',
  );
}

const within = (blocks: readonly Block[], number: bigint) =>
  blocks.some(({ first, last }) => first <= number && number <= last);
const isOurs4 = (number: bigint) => within(v4Blocks, number);
const isOurs6 = (number: bigint) =>
  within([MAPPED], number)
    ? isOurs4(number & 0xffff_ffffn)
    : !within([GLOBAL], number) || within(v6Blocks, number);

/** Any address, and more often one at a border of a block or within it. */
function numbers(blocks: readonly Block[], bits: number) {
  const max = (1n << BigInt(bits)) - 1n;
  const near = fc
    .constantFrom(...blocks)
    .chain(({ first, last }) =>
      fc.oneof(
        fc.bigInt({ min: first, max: last }),
        fc.constantFrom(first, last, first > 0n ? first - 1n : first, last < max ? last + 1n : last),
      ),
    );
  return fc.oneof(fc.bigInt({ min: 0n, max }), near);
}

test('an IPv4 address is private exactly when a registry of IANA says so', () => {
  fc.assert(
    fc.property(numbers(v4Blocks, 32), (number) => {
      expect(isPrivateAddress(v4Text(number)), v4Text(number)).toBe(isOurs4(number));
    }),
    { numRuns: 3_000 },
  );
});

test('an IPv6 address is public only as global unicast outside of every special block', () => {
  fc.assert(
    fc.property(numbers([...v6Blocks, GLOBAL, MAPPED], 128), (number) => {
      expect(isPrivateAddress(v6Text(number)), v6Text(number)).toBe(isOurs6(number));
    }),
    { numRuns: 3_000 },
  );
});

test('a private IPv4 address stays private in every way of writing it as IPv6', () => {
  const privateV4 = fc
    .constantFrom(...v4Blocks)
    .chain(({ first, last }) => fc.bigInt({ min: first, max: last }));
  fc.assert(
    fc.property(privateV4, (number) => {
      const v4 = v4Text(number);
      const hex = `${(number >> 16n).toString(16)}:${(number & 65_535n).toString(16)}`;
      for (const address of [
        `::ffff:${v4}`,
        `::ffff:${hex}`,
        `::${v4}`,
        `64:ff9b::${v4}`,
        `64:ff9b:1::${v4}`,
        `2002:${hex}::1`,
        `2001:0:4136:e378:8000:63bf:${hex}`,
      ]) {
        expect(isIP(address), address).toBe(6);
        expect(isPrivateAddress(address), address).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

test.each(['no address', '', 'fe80::1%eth0', '2606:4700::1111%eth0', '127.1', '0x7f.0.0.1', '127.0.0.01'])(
  '"%s" is no address of the internet',
  (address) => expect(isPrivateAddress(address)).toBe(true),
);

test.each(['93.184.215.14', '172.32.0.1', '2606:4700::1111', '::ffff:93.184.215.14'])(
  '%s is public',
  (address) => expect(isPrivateAddress(address)).toBe(false),
);

test('the addresses that were checked are those that are connected to, and one private among them refuses all', async () => {
  const answers = [['93.184.215.14', '2606:4700::1111'], ['127.0.0.1'], ['93.184.215.14', '10.0.0.1'], []];
  let asked = 0;
  const lookup = publicLookup(async () => {
    const found = answers[asked] ?? [];
    asked += 1;
    return found.map((address) => ({ address, family: isIP(address) }));
  });
  const look = (all: boolean) =>
    new Promise((resolve) => {
      lookup('hooks.example', { all }, (error, address) => resolve(error ?? address));
    });
  // Asked once for a connection: what the name means a moment later plays no part.
  expect(await look(true)).toEqual([
    { address: '93.184.215.14', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ]);
  expect(asked).toBe(1);
  for (const said of [/private address 127.0.0.1/, /private address 10.0.0.1/, /no address/]) {
    const refusal = await look(false);
    expect(refusal).toBeInstanceOf(AddressRefused);
    expect(String(refusal)).toMatch(said);
  }
});
