import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ApplicationSet } from '@flotilla/contracts';
import { type ClusterEntry, expandSet } from '@flotilla/generators';
import type { Database } from '@flotilla/persistence';
import { timed, verify } from '../run/measure.js';
import { RawUnicast } from './raw-unicast.js';

const PAYLOAD = Buffer.alloc(300, 'x');

/** The least that a commit for a whole fleet costs, each part timed bare: fetch, expand, one message to each, one UNNEST. */
export class FleetReference {
  readonly #database: Database;
  readonly #count: number;
  readonly #mirror: string;
  readonly #unicast: RawUnicast;

  constructor(parts: { database: Database; count: number; directory: string }) {
    this.#database = parts.database;
    this.#count = parts.count;
    this.#unicast = new RawUnicast(parts.count);
    this.#mirror = join(parts.directory, 'mirror.git');
  }

  async open(repositoryUrl: string): Promise<void> {
    await promisify(execFile)('git', ['clone', '--quiet', '--mirror', repositoryUrl, this.#mirror]);
    await this.#database.query('CREATE TABLE bench_status (cluster text, app text, digest text, seq bigint, PRIMARY KEY (cluster, app))');
    await this.#unicast.open();
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
      unicast: await timed(() => this.#unicast.send(() => PAYLOAD)),
      unnest: await timed(() => this.#unnest(round)),
    };
  }

  async close(): Promise<void> {
    await this.#unicast.close();
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
