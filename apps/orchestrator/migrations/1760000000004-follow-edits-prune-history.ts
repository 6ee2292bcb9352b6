/** What a FleetRollout document was last made to say of `spec.paused`, and lookups for the pruning of old releases. */
export const followEditsPruneHistory = {
  name: '1760000000004-follow-edits-prune-history',
  sql: `
ALTER TABLE orchestrator.rollouts ADD COLUMN paused_shown boolean NOT NULL DEFAULT false;
CREATE INDEX assignments_release ON orchestrator.assignments (release);
CREATE INDEX defined_kinds_seen ON orchestrator.defined_kinds (seen_at);
`,
};
