/** Why the newest commit of a source cannot be asked for now; the last known one stays. Null while it can. */
export const keepGitFaults = {
  name: '1760000000002-keep-git-faults',
  sql: `
ALTER TABLE orchestrator.git_sources ADD COLUMN fault text;
`,
};
