/** What the broker keeps: per SecretGrant the last good value, sealed; and the keys of SealedSecrets, sealed. */
export const createBroker = {
  name: '1763900000000-create-broker',
  sql: `
CREATE TABLE broker.values (
  namespace text NOT NULL,
  name text NOT NULL,
  uid text NOT NULL,
  version text,
  sealed text,
  since timestamptz,
  refreshed_at timestamptz,
  input text,
  failures int NOT NULL DEFAULT 0,
  failing_since timestamptz,
  next_at timestamptz,
  blocked text,
  claimed_by text,
  claimed_until timestamptz,
  PRIMARY KEY (namespace, name)
);
CREATE TABLE broker.sealing_keys (
  id text PRIMARY KEY,
  sealed_key text NOT NULL,
  certificate text NOT NULL,
  created_at timestamptz NOT NULL
);
`,
};
