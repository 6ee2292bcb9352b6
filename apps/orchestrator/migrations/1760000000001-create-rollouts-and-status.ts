export const createRolloutsAndStatus = {
  name: '1760000000001-create-rollouts-and-status',
  sql: `
CREATE TABLE orchestrator.rollouts (
  rollout text PRIMARY KEY,
  unit text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  release text NOT NULL,
  previous text,
  policy text NOT NULL,
  stages jsonb NOT NULL,
  phase text NOT NULL,
  resume_phase text,
  paused_by text,
  stage_index int NOT NULL,
  settled_at bigint,
  approved jsonb NOT NULL DEFAULT '[]',
  message text NOT NULL,
  since bigint NOT NULL,
  plan jsonb,
  conditions jsonb NOT NULL DEFAULT '[]',
  ledger_length int NOT NULL DEFAULT 0,
  created_at bigint NOT NULL
);
CREATE INDEX rollouts_unit ON orchestrator.rollouts (unit, created_at);

CREATE TABLE orchestrator.rollout_targets (
  rollout text NOT NULL REFERENCES orchestrator.rollouts (rollout) ON DELETE CASCADE,
  cluster text NOT NULL,
  stage_index int NOT NULL,
  position int NOT NULL,
  state text NOT NULL,
  was_assigned boolean NOT NULL DEFAULT false,
  since bigint NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (rollout, cluster)
);
CREATE INDEX rollout_targets_cluster ON orchestrator.rollout_targets (cluster);

-- Append-only.
CREATE TABLE orchestrator.rollout_ledger (
  rollout text NOT NULL REFERENCES orchestrator.rollouts (rollout) ON DELETE CASCADE,
  n int NOT NULL,
  at bigint NOT NULL,
  actor text NOT NULL,
  subject text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (rollout, n)
);

CREATE TABLE orchestrator.app_status (
  cluster text NOT NULL,
  app_uid text NOT NULL,
  release text NOT NULL,
  bundle text NOT NULL,
  sync text NOT NULL,
  health text NOT NULL,
  message text,
  conditions jsonb,
  operation jsonb,
  observed_at text NOT NULL,
  session bigint NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (cluster, app_uid)
) WITH (fillfactor = 70);
CREATE INDEX app_status_app ON orchestrator.app_status (app_uid);

CREATE TABLE orchestrator.app_resources (
  cluster text NOT NULL,
  app_uid text NOT NULL,
  key text NOT NULL,
  version text NOT NULL,
  sync text NOT NULL,
  health text,
  message text,
  requires_pruning boolean NOT NULL,
  hook boolean NOT NULL,
  session bigint NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (cluster, app_uid, key)
) WITH (fillfactor = 70);

CREATE TABLE orchestrator.history (
  app_uid text NOT NULL,
  id int NOT NULL,
  release text NOT NULL,
  entry jsonb NOT NULL,
  PRIMARY KEY (app_uid, id)
);

-- What an application with destination in-cluster put into the hub's own store (app of apps).
CREATE TABLE orchestrator.local_objects (
  app_uid text NOT NULL,
  kind text NOT NULL,
  namespace text NOT NULL,
  name text NOT NULL,
  uid text NOT NULL,
  PRIMARY KEY (app_uid, kind, namespace, name)
);
`,
};
