/** Where objects of kinds that are not built in live: what agents report, and what released bundles define. */
export const knowScopes = {
  name: '1760000000003-know-scopes',
  sql: `
ALTER TABLE orchestrator.clusters ADD COLUMN cluster_kinds jsonb;

CREATE TABLE orchestrator.defined_kinds (
  bundle text NOT NULL,
  api_group text NOT NULL,
  kind text NOT NULL,
  scope text NOT NULL,
  seen_at bigint NOT NULL,
  PRIMARY KEY (bundle, api_group, kind, scope)
);

-- Applications that wait for the scope of a kind: few, and looked for whenever a cluster tells more.
CREATE INDEX applications_unknown_scope ON orchestrator.applications (unit) WHERE conditions @> '[{"type":"UnknownKindScope"}]';
`,
};
