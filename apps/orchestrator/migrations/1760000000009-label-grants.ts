/** Who asks for a source in a release: the labels of its SecretGrant. The empty text stands for several. */
export const labelGrants = {
  name: '1760000000009-label-grants',
  sql: `
ALTER TABLE orchestrator.release_secrets
  ADD COLUMN application text NOT NULL DEFAULT '',
  ADD COLUMN cluster text NOT NULL DEFAULT '';

UPDATE orchestrator.release_secrets r SET application = one.application, cluster = one.cluster
FROM (
  SELECT m.release, a.namespace, s->>'source' AS source,
    CASE WHEN min(a.name) = max(a.name) THEN min(a.name) ELSE '' END AS application,
    CASE WHEN min(m.cluster) = max(m.cluster) THEN min(m.cluster) ELSE '' END AS cluster
  FROM orchestrator.release_members m JOIN orchestrator.applications a ON a.uid = m.app_uid
    CROSS JOIN LATERAL jsonb_array_elements(m.content->'secrets') s
  GROUP BY m.release, a.namespace, s->>'source'
) one
WHERE r.release = one.release AND r.namespace = one.namespace AND r.source = one.source;
`,
};
