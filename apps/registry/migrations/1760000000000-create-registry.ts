/** Times are hub clock milliseconds since the epoch, except where a column says seconds. */
export const createRegistry = {
  name: '1760000000000-create-registry',
  sql: `
-- The identity of an agent. A revoked one stays, so that its id and key are refused for ever.
CREATE TABLE registry.spokes (
  spoke_id text PRIMARY KEY,
  cluster text NOT NULL,
  public_nkey text NOT NULL UNIQUE,
  sealing_key text NOT NULL,
  token_name text NOT NULL,
  accepted boolean NOT NULL,
  enrolled_at bigint NOT NULL,
  revoked_at bigint,
  -- Why it is quarantined; null when it is not.
  quarantine text,
  -- Of the first hello; another one is another cluster with this one's identity.
  cluster_uid text,
  session bigint,
  instance_id text
);
CREATE INDEX spokes_cluster ON registry.spokes (cluster);

-- Recent sessions, to tell an instance that was superseded and comes back from a new one.
CREATE TABLE registry.sessions (
  session bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  spoke_id text NOT NULL REFERENCES registry.spokes ON DELETE CASCADE,
  instance_id text NOT NULL,
  started_at bigint NOT NULL,
  -- It superseded a newer instance that was still beating.
  is_return boolean NOT NULL
);
CREATE INDEX sessions_spoke ON registry.sessions (spoke_id, session);

-- Credentials that no NATS server may take any more. A row goes when the last of them has expired by itself.
CREATE TABLE registry.revocations (
  public_nkey text PRIMARY KEY,
  until_seconds bigint NOT NULL,
  revoked_at bigint NOT NULL
);
`,
};
