import { promises as dns, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { ClipRefused } from './refused.ts';

/** Every address of a host name; Node's own resolver unless a test takes its place. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** What no host of the internet has: this machine, its network, link-local (clouds tell keys there), multicast. */
const PRIVATE: readonly [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  // Ways of writing an IPv4 address as one of IPv6: translation, 6to4, Teredo.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const refused = new BlockList();
for (const [net, prefix, family] of PRIVATE) refused.addSubnet(net, prefix, family);

/** True for an address that a download may not reach; IPv4 inside IPv6 counts as what it is. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family === 0 || refused.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Name resolution for one connection. The connection is made to the very addresses that were checked, so that a name
 * cannot change its meaning in between. Fails with {@link ClipRefused} when any of them is private.
 */
export function publicLookup(resolve: Resolve = (name) => dns.lookup(name, { all: true })): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        const own = found.find(({ address }) => isPrivateAddress(address));
        if (own) callback(new ClipRefused(`${hostname} leads to the private address ${own.address}`), '');
        else if (!first) callback(new ClipRefused(`${hostname} has no address`), '');
        else if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}
