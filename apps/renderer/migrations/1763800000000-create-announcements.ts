/** Pushes that webhooks announced and that were not fetched yet; the latest per repository. */
export const createAnnouncements = {
  name: '1763800000000-create-announcements',
  sql: `
CREATE TABLE renderer.announcements (
  repo_url text PRIMARY KEY,
  id bigint GENERATED ALWAYS AS IDENTITY,
  traceparent text,
  announced_at timestamptz NOT NULL,
  tried_at timestamptz NOT NULL
);
`,
};
