import { BlockList, isIP } from 'node:net';

/** Networks that may speak to the door at all: what comes from elsewhere is not read. */
export class AllowedSources {
  private readonly list: BlockList | undefined;

  /**
   * @param networks as `10.20.0.0/16`, `2001:db8::/32` or a single address; `null`: all.
   * @throws RangeError for what is none.
   */
  constructor(networks: readonly string[] | null) {
    if (networks === null) return;
    this.list = new BlockList();
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      const family = isIP(address);
      if (family === 0) throw new RangeError(`"${network}" is no network`);
      const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
      this.list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /** Of an address that the operating system gave. */
  allow(address: string): boolean {
    if (this.list === undefined) return true;
    // The zone of a link-local address is a matter of this machine.
    const [plain = ''] = address.split('%');
    const family = isIP(plain);
    return family !== 0 && this.list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }
}

/** Of a socket that listens for both families, an IPv4 address without what IPv6 puts in front of it. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:/, '');
}
