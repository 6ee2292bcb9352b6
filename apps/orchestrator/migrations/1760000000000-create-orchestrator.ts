/**
 * Times are hub clock milliseconds since the epoch. Documents (Application, Release, FleetRollout, ...) live in schema `resources`;
 * these rows are what the orchestrator decides from, so that a killed copy leaves nothing in memory that matters.
 */
export const createOrchestrator = {
  name: '1760000000000-create-orchestrator',
  sql: `
-- Keys that have something to do, by kind of work. A claim lasts until claimed_until; what is named meanwhile raises the version.
CREATE TABLE orchestrator.work (
  kind text NOT NULL,
  key text NOT NULL,
  due_at bigint NOT NULL,
  claimed_until bigint NOT NULL DEFAULT 0,
  claim text,
  version bigint NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, key)
);
CREATE INDEX work_due ON orchestrator.work (kind, due_at);

-- Projection of Cluster documents, which the registry owns.
CREATE TABLE orchestrator.clusters (
  cluster text PRIMARY KEY,
  spoke_id text UNIQUE,
  server text NOT NULL,
  display_name text,
  labels jsonb NOT NULL,
  is_local boolean NOT NULL,
  project text,
  phase text NOT NULL,
  since text,
  session bigint NOT NULL,
  sealing_key text,
  kubernetes_version text,
  api_versions jsonb
);

-- The signed desired document of a cluster, as it is served.
CREATE TABLE orchestrator.documents (
  cluster text PRIMARY KEY,
  epoch int NOT NULL DEFAULT 1,
  generation bigint NOT NULL DEFAULT 0,
  spoke_id text,
  body_digest text,
  signed jsonb,
  body bytea,
  written_at bigint NOT NULL DEFAULT 0,
  observe jsonb
);

-- Where a spoke's stream of status stands.
CREATE TABLE orchestrator.reports (
  cluster text PRIMARY KEY,
  session bigint NOT NULL DEFAULT 0,
  seq bigint NOT NULL DEFAULT 0,
  snapshot_from bigint,
  unassigned jsonb NOT NULL DEFAULT '[]'
);

-- Projection of Application documents.
CREATE TABLE orchestrator.applications (
  uid text PRIMARY KEY,
  namespace text NOT NULL,
  name text NOT NULL,
  unit text NOT NULL,
  project text NOT NULL,
  destination_server text,
  destination_name text,
  document jsonb NOT NULL,
  digest text NOT NULL,
  rv bigint NOT NULL,
  is_deleting boolean NOT NULL DEFAULT false,
  has_prune_finalizer boolean NOT NULL DEFAULT false,
  deletion_approved boolean NOT NULL DEFAULT false,
  conditions jsonb NOT NULL DEFAULT '[]',
  first_seen bigint NOT NULL,
  is_status_due boolean NOT NULL DEFAULT true,
  requested jsonb
);
CREATE INDEX applications_unit ON orchestrator.applications (unit);
CREATE INDEX applications_name ON orchestrator.applications (namespace, name);
CREATE INDEX applications_server ON orchestrator.applications (destination_server);
CREATE INDEX applications_destination ON orchestrator.applications (destination_name);
CREATE INDEX applications_status_due ON orchestrator.applications (uid) WHERE is_status_due;

CREATE TABLE orchestrator.application_sources (
  app_uid text NOT NULL REFERENCES orchestrator.applications (uid) ON DELETE CASCADE,
  position int NOT NULL,
  repo_url text NOT NULL,
  ref text NOT NULL,
  PRIMARY KEY (app_uid, position)
);
CREATE INDEX application_sources_ref ON orchestrator.application_sources (repo_url, ref);

CREATE TABLE orchestrator.git_sources (
  name text PRIMARY KEY,
  repo_url text NOT NULL,
  ref text NOT NULL,
  revision text NOT NULL,
  traceparent text
);
CREATE INDEX git_sources_ref ON orchestrator.git_sources (repo_url, ref);

CREATE TABLE orchestrator.units (
  unit text PRIMARY KEY,
  kind text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  uid text NOT NULL,
  policy text,
  sequence int NOT NULL DEFAULT 0,
  runs int NOT NULL DEFAULT 0,
  latest text,
  good text
);

CREATE TABLE orchestrator.releases (
  release text PRIMARY KEY,
  unit text NOT NULL,
  name text NOT NULL,
  sequence int NOT NULL,
  key text NOT NULL,
  revisions jsonb NOT NULL,
  state text NOT NULL,
  created_at bigint NOT NULL,
  traceparent text,
  UNIQUE (unit, sequence)
);

CREATE TABLE orchestrator.release_members (
  release text NOT NULL REFERENCES orchestrator.releases (release) ON DELETE CASCADE,
  app_uid text NOT NULL,
  cluster text NOT NULL,
  digest text NOT NULL,
  content jsonb NOT NULL,
  times_assigned int NOT NULL DEFAULT 0,
  PRIMARY KEY (release, app_uid)
);
CREATE INDEX release_members_cluster ON orchestrator.release_members (release, cluster);

CREATE TABLE orchestrator.assignments (
  app_uid text PRIMARY KEY,
  cluster text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  release text NOT NULL,
  label text NOT NULL,
  digest text NOT NULL,
  content jsonb NOT NULL,
  apply boolean NOT NULL,
  operation jsonb,
  rollout text,
  traceparent text,
  assigned_at bigint NOT NULL
);
CREATE INDEX assignments_cluster ON orchestrator.assignments (cluster);

CREATE TABLE orchestrator.removals (
  cluster text NOT NULL,
  app_uid text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  mode text NOT NULL,
  created_at bigint NOT NULL,
  message text,
  PRIMARY KEY (cluster, app_uid)
);
CREATE INDEX removals_app ON orchestrator.removals (app_uid);
`,
};
