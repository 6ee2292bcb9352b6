/** Content is compressed before it gets here, so PostgreSQL must not try again (STORAGE EXTERNAL). */
export const createBlobs = {
  name: '1763700000000-create-blobs',
  sql: `
CREATE TABLE blobs.blobs (
  digest bytea PRIMARY KEY,
  is_sealed boolean NOT NULL,
  used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  content bytea NOT NULL
);
ALTER TABLE blobs.blobs ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX blobs_used_at ON blobs.blobs (used_at);
`,
};
