import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP service with one value, whose answer can be held back. */
export class HoldingProvider {
  value = '';
  reads = 0;
  /** Told when a read has arrived; one it says `true` to gets no answer. */
  onRead: () => boolean = () => false;
  /** Told when an answer has left. */
  onAnswered: () => void = () => {};
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (_, response) => {
      this.reads++;
      if (this.onRead()) return;
      response.end(JSON.stringify({ password: this.value }), () => this.onAnswered());
    });
  }

  static async start(): Promise<HoldingProvider> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HoldingProvider(server);
  }

  /** `spec.provider` of a store that reads here. */
  get spec(): object {
    const { port } = this.#server.address() as AddressInfo;
    return { webhook: { url: `http://127.0.0.1:${port}/{{ .remoteRef.key }}`, timeout: '30s', result: { jsonPath: '$.password' } } };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
