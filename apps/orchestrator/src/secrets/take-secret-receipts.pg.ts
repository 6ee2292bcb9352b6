import type { SqlRunner } from '@flotilla/persistence';
import type { Accepted } from '../status/accepted.js';

/** Longest message kept of one receipt. */
const MAX_MESSAGE = 1_000;

/** Keeps what clusters say of the grants their stored documents hold; what they say of others is too late, and dropped. */
export async function takeSecretReceipts(sql: SqlRunner, accepted: readonly Accepted[]): Promise<void> {
  const said = accepted.flatMap(({ cluster, batch }) => (batch.secrets ?? []).map((receipt) => ({ cluster, ...receipt })));
  const rows = [...new Map(said.map((row) => [`${row.cluster} ${row.grant}`, row])).values()];
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO orchestrator.secret_receipts AS r (cluster, grant_id, version, done, message, observed_at)
     SELECT u.cluster, u.grant_id, u.version, u.done, u.message, u.observed_at
     FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[]) AS u (cluster, grant_id, version, done, message, observed_at)
     JOIN orchestrator.document_grants g ON g.cluster = u.cluster AND g.grant_id = u.grant_id
     ON CONFLICT (cluster, grant_id) DO UPDATE SET version = excluded.version, done = excluded.done, message = excluded.message,
       observed_at = excluded.observed_at`,
    [
      rows.map(({ cluster }) => cluster),
      rows.map(({ grant }) => grant),
      rows.map(({ version }) => version ?? null),
      rows.map(({ done }) => done),
      rows.map(({ message }) => message?.replaceAll('\u0000', '').slice(0, MAX_MESSAGE) ?? null),
      rows.map(({ observedAt }) => observedAt),
    ],
  );
}
