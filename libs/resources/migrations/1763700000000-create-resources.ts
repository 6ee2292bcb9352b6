/** Documents, their log, and what reads the log. */
export const createResources = {
  name: '1763700000000-create-resources',
  sql: `
CREATE TABLE resources.clock (
  kind text COLLATE "C" PRIMARY KEY,
  rv bigint NOT NULL,
  at timestamptz NOT NULL,
  floor_rv bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE resources.documents (
  kind text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  uid text COLLATE "C" NOT NULL,
  rv bigint NOT NULL,
  document jsonb NOT NULL,
  labels jsonb NOT NULL GENERATED ALWAYS AS (coalesce(document #> '{metadata,labels}', '{}')) STORED,
  owners jsonb NOT NULL GENERATED ALWAYS AS (jsonb_path_query_array(document, '$.metadata.ownerReferences[*].uid')) STORED,
  CONSTRAINT documents_key PRIMARY KEY (kind, namespace, name)
);
CREATE UNIQUE INDEX documents_uid ON resources.documents (uid);
CREATE INDEX documents_labels ON resources.documents USING gin (labels);
CREATE INDEX documents_owners ON resources.documents USING gin (owners);

CREATE TABLE resources.application_status (
  uid text COLLATE "C" PRIMARY KEY,
  rv bigint NOT NULL,
  digest bytea NOT NULL,
  summary text NOT NULL,
  status json NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX application_status_rv ON resources.application_status (rv);

CREATE TABLE resources.changes (
  kind text COLLATE "C" NOT NULL,
  rv bigint NOT NULL,
  type text NOT NULL,
  uid text COLLATE "C" NOT NULL,
  namespace text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL,
  field_paths text[] NOT NULL,
  document bytea NOT NULL,
  traceparent text
) PARTITION BY RANGE (at);
CREATE INDEX changes_rv ON resources.changes (kind, rv);
CREATE INDEX changes_key ON resources.changes (kind, namespace, name, rv);
CREATE INDEX changes_at ON resources.changes (kind, at);
CREATE INDEX changes_deleted ON resources.changes (kind, rv) WHERE type = 'DELETED';
CREATE TABLE resources.changes_default PARTITION OF resources.changes DEFAULT;

CREATE TABLE resources.changes_base (
  LIKE resources.changes,
  PRIMARY KEY (kind, uid)
);
CREATE INDEX changes_base_key ON resources.changes_base (kind, namespace, name);

CREATE TABLE resources.log_floor (
  is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
  at timestamptz NOT NULL
);
INSERT INTO resources.log_floor (at) VALUES ('-infinity');

CREATE TABLE resources.cursors (
  consumer text NOT NULL,
  kind text COLLATE "C" NOT NULL,
  rv bigint NOT NULL,
  PRIMARY KEY (consumer, kind)
) WITH (fillfactor = 50);
`,
};
