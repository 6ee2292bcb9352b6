import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that operating systems hand to outgoing connections and Kubernetes to its node ports. */
const FIRST = 10_000;
const LAST = 29_999;
const MAX_TRIES = 100;

/**
 * A loopback port nobody listens on now. It is drawn at random, so that processes that look for one at the same time
 * hardly ever find the same, and no outgoing connection takes it before its server starts.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${MAX_TRIES} ports tried between ${FIRST} and ${LAST} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
