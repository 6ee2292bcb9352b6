/**
 * What left an application of applications and is still in the hub's own store: since when, whether the guard holds it and who released
 * it, in milliseconds since the epoch. The index holds only those, so that a change of any other document costs one empty lookup.
 */
export const holdLocalRemovals = {
  name: '1760000000006-hold-local-removals',
  sql: `
ALTER TABLE orchestrator.local_objects ADD COLUMN left_at bigint, ADD COLUMN held_since bigint, ADD COLUMN released_by text;
CREATE INDEX local_objects_leaving ON orchestrator.local_objects (kind, namespace, name) WHERE left_at IS NOT NULL;
CREATE INDEX local_objects_leaving_of ON orchestrator.local_objects (app_uid) WHERE left_at IS NOT NULL;
`,
};
