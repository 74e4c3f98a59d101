import { promises as dns, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Every address of a host name; Node's own resolver unless a test takes its place. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** A name or address that leads to a network of our own, or nowhere. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
}

type Net = readonly [net: string, prefix: number];

/**
 * What no host of the internet has. Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its
 * updates), read 2026-11-28; multicast (RFC 5771). Blocks that the registries call globally reachable are refused too where
 * they are anycast helpers or tunnels: no receiver lives there.
 */
const SPECIAL_V4: readonly Net[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local: clouds tell keys at 169.254.169.254.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, reserved and broadcast.
  ['224.0.0.0', 3],
];
/** The only block that IPv6 gives to hosts of the internet; translation, loopback, ULA, multicast are outside of it. */
const GLOBAL_V6: readonly Net[] = [['2000::', 3]];
const SPECIAL_V6: readonly Net[] = [
  // IETF assignments, with Teredo, ORCHID and benchmarking.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4 holds an IPv4 address, which may be any.
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];
const MAPPED_V4: readonly Net[] = [['::ffff:0:0', 96]];

const specialV4 = listOf('ipv4', SPECIAL_V4);
const globalV6 = listOf('ipv6', GLOBAL_V6);
const specialV6 = listOf('ipv6', SPECIAL_V6);
const mappedV4 = listOf('ipv6', MAPPED_V4);

/** True for an address that we may not be sent to by others; IPv4 mapped into IPv6 counts as what it is. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return specialV4.check(address, 'ipv4');
  // With a zone it is an address of one of our own links.
  if (family === 0 || address.includes('%')) return true;
  if (mappedV4.check(address, 'ipv6')) return specialV4.check(address, 'ipv6');
  return !globalV6.check(address, 'ipv6') || specialV6.check(address, 'ipv6');
}

/**
 * Name resolution for one connection. The connection is made to the very addresses that were checked, so that a name
 * cannot change its meaning in between. Fails with {@link AddressRefused} when any of them is private.
 */
export function publicLookup(resolve: Resolve = (name) => dns.lookup(name, { all: true })): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        const own = found.find(({ address }) => isPrivateAddress(address));
        if (own) callback(new AddressRefused(`${hostname} leads to the private address ${own.address}`), '');
        else if (!first) callback(new AddressRefused(`${hostname} has no address`), '');
        else if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

function listOf(family: 'ipv4' | 'ipv6', nets: readonly Net[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
  return list;
}
