import type { Database, Row } from '@flotilla/persistence';
import { type Announcement, AnnouncementStore } from './announcement.store.js';

interface AnnouncementRow extends Row {
  repo_url: string;
  id: string;
  traceparent: string | null;
}

const COLUMNS = 'repo_url, id::text AS id, traceparent';

export class PgAnnouncementStore extends AnnouncementStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  async keep(repoURL: string, now: number, traceparent?: string): Promise<Announcement> {
    const [row] = await this.#database.query<AnnouncementRow>(
      `INSERT INTO renderer.announcements (repo_url, traceparent, announced_at, tried_at)
       VALUES ($1, $2, to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0))
       ON CONFLICT (repo_url) DO UPDATE SET id = DEFAULT, traceparent = EXCLUDED.traceparent,
         announced_at = EXCLUDED.announced_at, tried_at = EXCLUDED.tried_at
       RETURNING ${COLUMNS}`,
      [repoURL, traceparent ?? null, now],
    );
    return fromRow(row!);
  }

  async take({ before, expired, now }: { before: number; expired: number; now: number }): Promise<Announcement[]> {
    await this.#database.query('DELETE FROM renderer.announcements WHERE announced_at < to_timestamp($1 / 1000.0)', [expired]);
    const rows = await this.#database.query<AnnouncementRow>(
      `UPDATE renderer.announcements SET tried_at = to_timestamp($2 / 1000.0)
       WHERE tried_at < to_timestamp($1 / 1000.0) RETURNING ${COLUMNS}`,
      [before, now],
    );
    return rows.map(fromRow);
  }

  async forget({ repoURL, id }: Announcement): Promise<void> {
    await this.#database.query('DELETE FROM renderer.announcements WHERE repo_url = $1 AND id = $2', [repoURL, id]);
  }
}

function fromRow({ repo_url, id, traceparent }: AnnouncementRow): Announcement {
  return { repoURL: repo_url, id, ...(traceparent ? { traceparent } : {}) };
}
