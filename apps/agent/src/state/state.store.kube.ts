import { digestBytes } from '@flotilla/kernel';
import type { LiveObject } from '@flotilla/kubeclient';
import { KubeError } from '@flotilla/kubeclient';
import type { ClusterClient } from '../cluster/cluster.client.js';
import { StateCorruptError } from './state.errors.js';
import { StateStore } from './state.store.js';

/** A Secret may hold 1 MiB; what is kept is cut below that. */
const CHUNK_BYTES = 900 * 1024;
const MAX_CHUNKS = 64;
const STATE_LABEL = 'flotilla.dev/agent-state';
const OWN = { [STATE_LABEL]: 'true' };

interface Head {
  slot: string;
  chunks: number;
  sha256: string;
}

/**
 * Secrets in the agent's own namespace, so that a drained node loses nothing. A value rests in numbered chunks of one slot;
 * the head Secret names slot, count and checksum and is written last, so that a broken write leaves the former value.
 */
export class KubeStateStore extends StateStore {
  readonly #client: ClusterClient;
  readonly #base: string;
  readonly #namespace: string;

  constructor(client: ClusterClient, namespace: string) {
    super();
    this.#client = client;
    this.#namespace = namespace;
    this.#base = `/api/v1/namespaces/${namespace}/secrets`;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const head = await this.#head(name);
    if (!head) return undefined;
    const parts: Buffer[] = [];
    for (let i = 0; i < head.chunks; i++) {
      const chunk = await this.#client.get(`${this.#base}/${chunkName(name, head.slot, i)}`);
      if (!chunk) throw new StateCorruptError(`kept state ${name} lacks its chunk ${i}`, { name });
      parts.push(dataOf(chunk, 'chunk'));
    }
    const bytes = Buffer.concat(parts);
    if (digestBytes(bytes) !== head.sha256) throw new StateCorruptError(`kept state ${name} fails its checksum`, { name });
    return bytes;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const count = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES));
    if (count > MAX_CHUNKS)
      throw new StateCorruptError(`state ${name} of ${bytes.length} bytes does not fit ${MAX_CHUNKS} Secrets`, { name });
    await this.#ensureNamespace();
    const former = await this.#head(name).catch(() => undefined);
    if (former?.sha256 === digestBytes(bytes)) return;
    const slot = former?.slot === 'a' ? 'b' : 'a';
    for (let i = 0; i < count; i++) {
      await this.#put(chunkName(name, slot, i), { chunk: bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES) });
    }
    const head: Head = { slot, chunks: count, sha256: digestBytes(bytes) };
    await this.#put(secretName(name), { head: Buffer.from(JSON.stringify(head)) });
    for (let i = 0; former && i < former.chunks; i++) await this.#delete(chunkName(name, former.slot, i));
  }

  async remove(name: string): Promise<void> {
    const head = await this.#head(name);
    await this.#delete(secretName(name));
    for (let i = 0; head && i < head.chunks; i++) await this.#delete(chunkName(name, head.slot, i));
  }

  async list(prefix: string): Promise<string[]> {
    const { items } = await this.#client.list(this.#base, { labelSelector: `${STATE_LABEL}=true` });
    const start = secretName(`${prefix}/`);
    return items
      .filter((item) => item.metadata.name.startsWith(start) && (item.data as Record<string, unknown> | undefined)?.head !== undefined)
      .map((item) => `${prefix}/${item.metadata.name.slice(start.length)}`)
      .sort();
  }

  async #head(name: string): Promise<Head | undefined> {
    const secret = await this.#client.get(`${this.#base}/${secretName(name)}`);
    if (!secret) return undefined;
    const head = JSON.parse(dataOf(secret, 'head').toString('utf8')) as Head;
    if (!(head.chunks >= 0 && head.chunks <= MAX_CHUNKS)) throw new StateCorruptError(`the head of state ${name} is unreadable`, { name });
    return head;
  }

  async #put(name: string, data: Record<string, Uint8Array>): Promise<void> {
    const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
    const metadata = { name, namespace: this.#namespace, labels: OWN };
    await this.#client.apply(
      `${this.#base}/${name}`,
      { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: encoded },
      { fieldManager: 'flotilla-agent', force: true },
    );
  }

  async #delete(name: string): Promise<void> {
    await this.#client.request('DELETE', `${this.#base}/${name}`).catch((error: unknown) => {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    });
  }

  async #ensureNamespace(): Promise<void> {
    if (await this.#client.get(`/api/v1/namespaces/${this.#namespace}`)) return;
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.#namespace, labels: OWN } };
    await this.#client.request('POST', '/api/v1/namespaces', { body }).catch((error: unknown) => {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
    });
  }
}

const secretName = (name: string): string => `flotilla-agent-${name.replace('/', '.')}`;
const chunkName = (name: string, slot: string, i: number): string => `${secretName(name)}.${slot}${i}`;

function dataOf(secret: LiveObject, field: string): Buffer {
  const value = (secret.data as Record<string, unknown> | undefined)?.[field];
  return Buffer.from(typeof value === 'string' ? value : '', 'base64');
}
