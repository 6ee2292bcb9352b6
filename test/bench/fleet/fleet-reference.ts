import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ApplicationSet } from '@flotilla/contracts';
import { type ClusterEntry, expandSet } from '@flotilla/generators';
import type { Database } from '@flotilla/persistence';
import { type NatsServer, startNats } from '@flotilla/testkit';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { timed, verify } from '../run/measure.js';

const DIALLING = 32;
const PAYLOAD = Buffer.alloc(300, 'x');

/** The least that a commit for a whole fleet costs, each part timed bare: fetch, expand, one message to each, one UNNEST. */
export class FleetReference {
  readonly #database: Database;
  readonly #count: number;
  readonly #mirror: string;
  #nats: NatsServer | undefined;
  readonly #connections: NatsConnection[] = [];
  #publisher: NatsConnection | undefined;
  #heard = 0;
  #allHeard: () => void = () => {};

  constructor(parts: { database: Database; count: number; directory: string }) {
    this.#database = parts.database;
    this.#count = parts.count;
    this.#mirror = join(parts.directory, 'mirror.git');
  }

  async open(repositoryUrl: string): Promise<void> {
    await promisify(execFile)('git', ['clone', '--quiet', '--mirror', repositoryUrl, this.#mirror]);
    await this.#database.query('CREATE TABLE bench_status (cluster text, app text, digest text, seq bigint, PRIMARY KEY (cluster, app))');
    this.#nats = await startNats();
    const { url } = this.#nats;
    this.#publisher = await connect({ servers: url });
    let next = 0;
    const dial = async (): Promise<void> => {
      for (let i = next++; i < this.#count; i = next++) {
        const connection = await connect({ servers: url });
        connection.subscribe(`bench.${i}`, { callback: () => this.#hear() });
        await connection.flush();
        this.#connections.push(connection);
      }
    };
    await Promise.all(Array.from({ length: DIALLING }, dial));
  }

  /** Milliseconds of each part, for the commit that was just pushed. */
  async measure(set: ApplicationSet, clusters: readonly ClusterEntry[], round: number): Promise<Record<string, number>> {
    return {
      fetch: await timed(() => promisify(execFile)('git', ['-C', this.#mirror, 'fetch', '--quiet', 'origin'])),
      expand: await timed(async () => {
        const ports = { clusters: async () => clusters, directories: async () => [], files: async () => [] };
        const { applications } = await expandSet(set, ports);
        verify(applications.length === this.#count, `${applications.length} applications expanded`);
      }),
      unicast: await timed(() => this.#unicast()),
      unnest: await timed(() => this.#unnest(round)),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#publisher, ...this.#connections].map((connection) => connection?.close()));
    await this.#nats?.stop();
  }

  async #unicast(): Promise<void> {
    this.#heard = 0;
    const all = new Promise<void>((resolve) => {
      this.#allHeard = resolve;
    });
    for (let i = 0; i < this.#count; i++) this.#publisher?.publish(`bench.${i}`, PAYLOAD);
    await all;
  }

  #hear(): void {
    if (++this.#heard === this.#count) this.#allHeard();
  }

  async #unnest(round: number): Promise<void> {
    const clusters = Array.from({ length: this.#count }, (_, i) => `cluster-${i}`);
    const digests = clusters.map((name) => `${name}-${round}`.padEnd(64, '0'));
    await this.#database.query(
      `INSERT INTO bench_status SELECT c, 'app', d, $3 FROM unnest($1::text[], $2::text[]) AS u (c, d)
       ON CONFLICT (cluster, app) DO UPDATE SET digest = excluded.digest, seq = excluded.seq`,
      [clusters, digests, round],
    );
  }
}
