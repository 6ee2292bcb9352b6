import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';

/** Loopback TCP in front of a server, whose every answer comes `delayMs` later, in order. */
export class SlowProxy {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port: number, delayMs: number): Promise<SlowProxy> {
    const server = createServer((inner) => {
      const outer = connect(port, '127.0.0.1').setNoDelay(true);
      inner.setNoDelay(true);
      inner.pipe(outer);
      outer.on('data', (chunk) => setTimeout(() => inner.write(chunk), delayMs));
      outer.on('close', () => setTimeout(() => inner.destroy(), delayMs));
      inner.on('close', () => outer.destroy());
      for (const socket of [inner, outer]) socket.on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SlowProxy(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    this.#server.unref();
  }
}
