import { request } from 'node:https';
import { REST_ROUTES } from '@flotilla/contracts';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import { HubError } from './cli.errors.js';

export interface Connection {
  /** `https://host:port` */
  server: string;
  token?: string;
  /** PEM of the CA of the hub; the system's CAs without it. */
  ca?: string;
}

export interface CallOptions {
  parameters?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
}

/** What the hub answers instead of what was asked for. */
type HubFailure = { code: string; message: string; details: Readonly<Record<string, unknown>> };

const TIMEOUT_MS = 90_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Calls the REST verbs of the hub by their ids in the table. */
export class HubClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @throws HubError with the hub's code and message */
  async call<T>(id: string, { parameters = {}, query = {}, body }: CallOptions = {}): Promise<T> {
    const route = REST_ROUTES.find((candidate) => candidate.id === id);
    if (!route) throw new InvalidInputError(`no REST verb ${id}`);
    const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''));
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]));
    const { status, text } = await this.#send(route.method, `${path}${search.size > 0 ? `?${search}` : ''}`, body);
    const answer = parse(text);
    if (status >= 200 && status < 300) return answer as T;
    const { code = 'unknown', message = text.slice(0, 300), details } = (answer ?? {}) as Partial<HubFailure>;
    throw new HubError(status, code, message, details);
  }

  #send(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    const { server, token, ca } = this.#connection;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    if (payload !== undefined) headers['content-type'] = 'application/json';
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(new HubError(0, 'unreachable', `${server} cannot be reached: ${messageOf(error)}`));
      const sent = request(new URL(path, server), { method, headers, ca, timeout: TIMEOUT_MS }, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too large'));
          chunks.push(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
        response.on('error', failed);
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      sent.on('error', failed);
      sent.end(payload);
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
