/** Several copies, and requests of spokes beside the log, read documents at their own pace: a row never goes back to an older one. */
export const orderInputs = {
  name: '1760000000005-order-inputs',
  sql: `
ALTER TABLE orchestrator.clusters ADD COLUMN rv bigint NOT NULL DEFAULT 0;
ALTER TABLE orchestrator.git_sources ADD COLUMN rv bigint NOT NULL DEFAULT 0;
`,
};
