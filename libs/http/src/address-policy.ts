import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { AddressDeniedError } from './http.errors.js';

export interface Address {
  address: string;
  family: 4 | 6;
}

export type ResolveHost = (hostname: string) => Promise<Address[]>;

export interface AddressPolicyOptions {
  /** CIDR ranges that are reachable although a rule below denies them: `10.1.0.0/16`, `127.0.0.1/32`. */
  allow?: readonly string[];
  /** Private ranges (RFC 1918, unique local) are reachable; loopback, link-local and metadata still are not. */
  allowPrivate?: boolean;
  resolve?: ResolveHost;
}

/** This host, link-local (where clouds keep their metadata service), multicast, reserved and documentation ranges. */
const NEVER = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
  '2001:db8::/32',
  // Translations that smuggle an IPv4 address through.
  '64:ff9b::/96',
  '2002::/16',
  // Alibaba Cloud, and AWS on IPv6, keep their metadata service here.
  '100.100.100.200/32',
  'fd00:ec2::254/128',
];
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

const resolveBySystem: ResolveHost = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));

/** Which addresses outbound calls may reach; judged on what a name resolves to, never on the name. */
export class AddressPolicy {
  readonly #allowed: BlockList;
  readonly #denied: BlockList;
  readonly #resolve: ResolveHost;

  constructor(options: AddressPolicyOptions = {}) {
    this.#allowed = ranges(options.allow ?? []);
    this.#denied = ranges(options.allowPrivate ? NEVER : [...NEVER, ...PRIVATE]);
    this.#resolve = options.resolve ?? resolveBySystem;
  }

  permits(address: string): boolean {
    const plain = unmapped(address);
    const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
    return this.#allowed.check(plain, family) || !this.#denied.check(plain, family);
  }

  /**
   * The addresses of a host. One denied address denies the host: a name that answers with both is a trick.
   * @throws AddressDeniedError
   */
  async resolve(hostname: string): Promise<Address[]> {
    const host = hostname.replace(/^\[|\]$/g, '');
    const family = isIP(host);
    const addresses = family ? [{ address: host, family: family as 4 | 6 }] : await this.#resolve(host);
    const denied = addresses.find(({ address }) => !this.permits(address));
    if (denied) {
      throw new AddressDeniedError(
        `${hostname} stands for ${denied.address}, an address outbound calls may not reach; allow its range in the configuration if it is meant`,
        { hostname, address: denied.address },
      );
    }
    return addresses;
  }
}

function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.replace(/%.*$/, '');
}

function ranges(list: readonly string[]): BlockList {
  const block = new BlockList();
  for (const range of list) {
    const [network = '', bits = ''] = range.split('/');
    block.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4');
  }
  return block;
}
