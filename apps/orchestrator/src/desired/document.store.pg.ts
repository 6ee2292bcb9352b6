import type { DesiredApp, Position, Removal, SignedHeader } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import type { Database, Row, SqlRunner } from '@flotilla/persistence';
import type { MemberContent } from '../releases/freeze-member.js';
import { markClustersDue } from '../status/mark-status-due.pg.js';
import type { Assignment } from './build-document.js';
import { type DocumentInput, DocumentStore, type NewDocument, type SpokeView, type StoredDocument } from './document.store.js';
import { readVersions, saveGrants } from './document-grants.pg.js';
import { herdReads } from './herd-reads.js';

export class PgDocumentStore extends DocumentStore {
  readonly #database: Database;
  readonly #views = herdReads((spokes: readonly SpokeId[]) => this.#readViews(spokes));
  readonly #documents = herdReads((clusters: readonly string[]) => this.#readDocuments(clusters));

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override update(
    clusters: readonly string[],
    now: number,
    write: (inputs: readonly DocumentInput[]) => NewDocument[],
  ): Promise<StoredDocument[]> {
    const names = [...new Set(clusters)].sort();
    return this.#database.transaction(async (sql) => {
      await sql.query(
        `INSERT INTO orchestrator.documents (cluster) SELECT c.cluster FROM orchestrator.clusters c WHERE c.cluster = ANY($1) ORDER BY cluster
         ON CONFLICT (cluster) DO NOTHING`,
        [names],
      );
      const rows = await sql.query(
        `SELECT d.cluster, d.epoch, d.generation, d.spoke_id AS written_for, d.body_digest, c.spoke_id
         FROM orchestrator.documents d JOIN orchestrator.clusters c USING (cluster)
         WHERE d.cluster = ANY($1) AND c.spoke_id IS NOT NULL AND d.observe IS NULL ORDER BY d.cluster FOR UPDATE OF d`,
        [names],
      );
      const documents = write(await readInputs(sql, rows));
      await save(sql, documents, now);
      await saveGrants(sql, documents);
      return documents;
    });
  }

  override view(spoke: SpokeId): Promise<SpokeView | undefined> {
    return this.#views.load(spoke);
  }

  override read(cluster: string): Promise<StoredDocument | undefined> {
    return this.#documents.load(cluster);
  }

  async #readViews(spokes: readonly SpokeId[]): Promise<(SpokeView | undefined)[]> {
    const rows = await this.#database.query(
      `SELECT c.spoke_id, c.cluster, c.phase, c.session, c.sealing_key, d.epoch, d.generation, d.observe IS NOT NULL AS is_observed,
              r.session AS report_session, r.seq AS report_seq
       FROM orchestrator.clusters c LEFT JOIN orchestrator.documents d USING (cluster) LEFT JOIN orchestrator.reports r USING (cluster)
       WHERE c.spoke_id = ANY($1)`,
      [[...new Set(spokes)]],
    );
    const views = new Map(rows.map((row) => [row.spoke_id as SpokeId, toView(row)]));
    return spokes.map((spoke) => views.get(spoke));
  }

  async #readDocuments(clusters: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    const rows = await this.#database.query<{ cluster: string; signed: SignedHeader | null; body: Uint8Array | null }>(
      'SELECT cluster, signed, body FROM orchestrator.documents WHERE cluster = ANY($1)',
      [[...new Set(clusters)]],
    );
    const documents = new Map(rows.map((row) => [row.cluster, row]));
    return clusters.map((cluster) => {
      const row = documents.get(cluster);
      return row?.signed && row.body ? { cluster, signed: row.signed, body: row.body } : undefined;
    });
  }

  override async position(cluster: string): Promise<(Position & { observe: boolean }) | undefined> {
    const [row] = await this.#database.query<{ epoch: number; generation: string; observe: boolean }>(
      'SELECT epoch, generation, observe IS NOT NULL AS observe FROM orchestrator.documents WHERE cluster = $1',
      [cluster],
    );
    return row && { epoch: Number(row.epoch), generation: Number(row.generation), observe: row.observe };
  }

  override async observe(cluster: string, held: SignedHeader, now: number): Promise<void> {
    await this.#database.transaction(async (sql) => {
      await sql.query(
        `INSERT INTO orchestrator.documents AS d (cluster, observe) VALUES ($1, $2)
         ON CONFLICT (cluster) DO UPDATE SET observe = COALESCE(d.observe, excluded.observe)`,
        [cluster, JSON.stringify({ header: held.header, since: new Date(now).toISOString() })],
      );
      await markClustersDue(sql, [cluster]);
    });
  }

  override async lastWritten(clusters: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#database.query<{ cluster: string; written_at: string }>(
      'SELECT cluster, written_at FROM orchestrator.documents WHERE cluster = ANY($1)',
      [clusters],
    );
    return new Map(rows.map(({ cluster, written_at }) => [cluster, Number(written_at)]));
  }
}

async function readInputs(sql: SqlRunner, rows: readonly Row[]): Promise<DocumentInput[]> {
  const names = rows.map(({ cluster }) => String(cluster));
  const assignments = await sql.query(
    `SELECT s.*, a.deletion_approved FROM orchestrator.assignments s JOIN orchestrator.applications a ON a.uid = s.app_uid WHERE s.cluster = ANY($1)`,
    [names],
  );
  const removals = await sql.query('SELECT cluster, app_uid, namespace, name, mode FROM orchestrator.removals WHERE cluster = ANY($1)', [
    names,
  ]);
  const [assigned, removed] = [groupByCluster(assignments), groupByCluster(removals)];
  const versions = await readVersions(sql, assignments.map(toAssignment));
  return rows.map((row) => {
    const cluster = String(row.cluster);
    return {
      cluster,
      spoke: row.spoke_id as SpokeId,
      position: { epoch: Number(row.epoch), generation: Number(row.generation) },
      bodyDigest: (row.body_digest as string | null) ?? undefined,
      writtenFor: (row.written_for as string | null) ?? undefined,
      assignments: (assigned.get(cluster) ?? []).map(toAssignment),
      removals: (removed.get(cluster) ?? []).map(toRemoval),
      versions,
    };
  });
}

async function save(sql: SqlRunner, documents: readonly StoredDocument[], now: number): Promise<void> {
  if (documents.length === 0) return;
  await sql.query(
    `UPDATE orchestrator.documents d SET generation = u.generation, spoke_id = u.spoke_id, body_digest = u.body_digest, signed = u.signed, body = u.body, written_at = $1
     FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[], $7::bytea[]) AS u (cluster, generation, spoke_id, body_digest, signed, body)
     WHERE d.cluster = u.cluster`,
    [
      now,
      documents.map(({ cluster }) => cluster),
      documents.map(({ signed }) => signed.header.generation),
      documents.map(({ signed }) => signed.header.spoke),
      documents.map(({ signed }) => signed.header.bodyDigest),
      documents.map(({ signed }) => JSON.stringify(signed)),
      documents.map(({ body }) => Buffer.from(body)),
    ],
  );
}

function toView(row: Row): SpokeView {
  const generation = Number(row.generation ?? 0);
  return {
    cluster: String(row.cluster),
    phase: String(row.phase),
    session: Number(row.session),
    sealingKey: (row.sealing_key as string | null) ?? undefined,
    position: generation > 0 ? { epoch: Number(row.epoch), generation } : undefined,
    isObserved: row.is_observed === true,
    report: { session: Number(row.report_session ?? 0), seq: Number(row.report_seq ?? 0) },
  };
}

function groupByCluster(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(String(row.cluster));
    if (group) group.push(row);
    else groups.set(String(row.cluster), [row]);
  }
  return groups;
}

const toAssignment = (row: Row): Assignment => ({
  uid: String(row.app_uid),
  namespace: String(row.namespace),
  name: String(row.name),
  label: String(row.label),
  content: row.content as MemberContent,
  apply: row.apply === true,
  deletionApproved: row.deletion_approved === true,
  operation: (row.operation as DesiredApp['operation'] | null) ?? undefined,
  traceparent: (row.traceparent as string | null) ?? undefined,
});

const toRemoval = (row: Row): Removal => ({
  uid: String(row.app_uid),
  namespace: String(row.namespace),
  name: String(row.name),
  mode: row.mode as Removal['mode'],
});
