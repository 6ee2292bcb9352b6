/** Runs whose targets are applications, as a RollingSync strategy asks for. */
export const rollApplications = {
  name: '1760000000008-roll-applications',
  sql: `
ALTER TABLE orchestrator.rollouts ADD COLUMN per text NOT NULL DEFAULT 'cluster';

-- app_uid is '' where the target is a cluster with all its members.
ALTER TABLE orchestrator.rollout_targets
  ADD COLUMN app_uid text NOT NULL DEFAULT '',
  ADD COLUMN application text NOT NULL DEFAULT '',
  ADD COLUMN has_begun boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT rollout_targets_pkey,
  ADD PRIMARY KEY (rollout, cluster, app_uid);

-- The set's strategy as it was last seen: another one makes the unit due.
ALTER TABLE orchestrator.units ADD COLUMN strategy text;
`,
};
