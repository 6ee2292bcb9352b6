import { BlockList, connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { messageOf } from '@flotilla/kernel';
import type { SendContext } from './channel.js';
import { SmtpError } from './smtp-answer.js';

const CONNECT_TIMEOUT_MS = 10_000;
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/**
 * Opens a connection to a mail server under the address policy: the name is resolved once, its addresses are judged, and only those are
 * connected to.
 * @throws AddressDeniedError, SmtpError
 */
export async function connectSmtp({ host, port }: { host: string; port: number }, context: SendContext): Promise<Socket> {
  context.signal.throwIfAborted();
  const addresses = await resolve(host, context);
  const lookup: LookupFunction = (_name, options, callback) => {
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
  return new Promise((settle, reject) => {
    const socket = connect({ host, port, lookup, autoSelectFamily: addresses.length > 1 });
    const fail = (cause: string) => {
      socket.destroy();
      reject(new SmtpError('smtp-unavailable', `no connection to ${host}:${port}: ${cause}`));
    };
    const abort = () => fail('given up at the deadline of the attempt');
    const silence = () => fail(`nobody answers within ${CONNECT_TIMEOUT_MS / 1_000} s`);
    context.signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(CONNECT_TIMEOUT_MS, silence);
    socket.once('close', () => context.signal.removeEventListener('abort', abort));
    // Stays for good: between here and the session that takes the socket over, nobody else listens.
    socket.on('error', (error) => fail('code' in error ? String(error.code) : messageOf(error)));
    socket.once('connect', () => {
      context.signal.removeEventListener('abort', abort);
      socket.setTimeout(0, silence);
      settle(socket);
    });
  });
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && isIP(address) !== 0 && loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

async function resolve(host: string, { addresses }: SendContext) {
  try {
    return await addresses.resolve(host);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new SmtpError('smtp-unavailable', `${host} cannot be resolved`);
    throw error;
  }
}
