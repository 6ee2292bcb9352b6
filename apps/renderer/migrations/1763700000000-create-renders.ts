/** Results of renders by render key; the bundles themselves are blobs. */
export const createRenders = {
  name: '1763700000000-create-renders',
  sql: `
CREATE TABLE renderer.renders (
  render_key text PRIMARY KEY,
  bundle text NOT NULL,
  objects int NOT NULL,
  conditions jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX renders_used ON renderer.renders (used_at);
`,
};
