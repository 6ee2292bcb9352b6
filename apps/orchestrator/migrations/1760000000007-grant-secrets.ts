/** Secrets that released applications ask for: their sources, which stored documents hold a grant of them, and what became of it. */
export const grantSecrets = {
  name: '1760000000007-grant-secrets',
  sql: `
ALTER TABLE orchestrator.clusters ADD COLUMN secrets text;

-- One per SecretGrant document; version is that of its status, as it was seen last.
CREATE TABLE orchestrator.secret_sources (
  namespace text NOT NULL,
  name text NOT NULL,
  spec jsonb NOT NULL,
  version text,
  rv bigint NOT NULL DEFAULT 0,
  used_at bigint NOT NULL,
  PRIMARY KEY (namespace, name)
);

-- Sources that a release asks for, once per release whatever the number of its members.
CREATE TABLE orchestrator.release_secrets (
  release text NOT NULL REFERENCES orchestrator.releases (release) ON DELETE CASCADE,
  namespace text NOT NULL,
  source text NOT NULL,
  PRIMARY KEY (release, namespace, source)
);
CREATE INDEX release_secrets_source ON orchestrator.release_secrets (namespace, source);

-- Grants of the stored documents: what makes a cluster due when a version changes.
CREATE TABLE orchestrator.document_grants (
  cluster text NOT NULL,
  grant_id text NOT NULL,
  app_uid text NOT NULL,
  application text NOT NULL,
  namespace text NOT NULL,
  source text NOT NULL,
  PRIMARY KEY (cluster, grant_id)
);
CREATE INDEX document_grants_source ON orchestrator.document_grants (namespace, source);

CREATE TABLE orchestrator.secret_receipts (
  cluster text NOT NULL,
  grant_id text NOT NULL,
  version text,
  done boolean NOT NULL,
  message text,
  observed_at text NOT NULL,
  PRIMARY KEY (cluster, grant_id)
) WITH (fillfactor = 70);
`,
};
