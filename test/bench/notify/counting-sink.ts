import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@flotilla/demo';

const HOOK = '/hook';
const REFERENCE = '/reference';
const PATIENCE_MS = 300_000;

/** A webhook that answers at once and knows when each message arrived; nothing else of it is kept. */
export class CountingSink {
  readonly #server: Server;
  readonly #arrivals = new Map<string, number>();
  readonly #keys = new Set<string>();
  #missing = new Set<string>();
  #allArrived: () => void = () => {};
  /** POSTs of messages, second ones included. */
  arrivals = 0;
  lastBody = '';

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#take(request, response));
  }

  static async start(): Promise<CountingSink> {
    const server = createServer({ keepAliveTimeout: 60_000 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CountingSink(server);
  }

  /** Base address of the hook. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Does the same work for whoever posts without being counted. */
  get referenceUrl(): string {
    return `${this.url}${REFERENCE}`;
  }

  /** Different idempotency keys that arrived. */
  get keys(): number {
    return this.#keys.size;
  }

  /** Resolves when a message about each of these applications has arrived. */
  expect(names: readonly string[]): Promise<void> {
    this.#missing = new Set(names);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.#missing.size} messages did not arrive`)), PATIENCE_MS);
      this.#allArrived = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }

  /** When the first message about it had arrived whole, by `performance.now()`. */
  arrivedAt(name: string): number {
    return this.#arrivals.get(name) ?? Number.NaN;
  }

  /** Waits until whoever sends has nothing left to send. */
  async quiet(isDone: () => Promise<boolean>): Promise<void> {
    await until('every message to have its receipt', isDone, PATIENCE_MS);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { application } = JSON.parse(body) as { application: string };
      if (request.url === HOOK) this.#count(application, body, String(request.headers['idempotency-key']));
      response.writeHead(204).end();
    });
  }

  #count(application: string, body: string, key: string): void {
    this.arrivals++;
    this.lastBody = body;
    this.#keys.add(key);
    if (!this.#arrivals.has(application)) this.#arrivals.set(application, performance.now());
    if (this.#missing.delete(application) && this.#missing.size === 0) this.#allArrived();
  }
}
