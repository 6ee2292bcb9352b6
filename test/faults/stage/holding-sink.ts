import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrival {
  about: string;
  key: string;
  isMarked: boolean;
}

/** A webhook whose answers can be held back: what it took and did not answer is what a crash leaves in doubt. */
export class HoldingSink {
  readonly arrivals: Arrival[] = [];
  /** Told of each message when it has arrived whole; a message it says `true` to gets no answer. */
  hold: (count: number) => boolean = () => false;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#take(request, response));
  }

  static async start(): Promise<HoldingSink> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HoldingSink(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Arrivals by idempotency key, in order. */
  get byKey(): ReadonlyMap<string, Arrival[]> {
    const groups = new Map<string, Arrival[]>();
    for (const arrival of this.arrivals) groups.set(arrival.key, [...(groups.get(arrival.key) ?? []), arrival]);
    return groups;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const { application } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { application: string };
      const { 'idempotency-key': key, 'x-flotilla-possible-duplicate': mark } = request.headers;
      this.arrivals.push({ about: application, key: String(key), isMarked: mark === 'true' });
      if (!this.hold(this.arrivals.length)) response.writeHead(204).end();
    });
  }
}
