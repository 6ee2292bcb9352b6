/**
 * How to run the agent as a process of its own within 90 MiB: `node ...execArgv main.js` with this environment. Young objects get
 * one small semi-space and malloc one arena; both cost throughput the agent does not need.
 */
export const AGENT_PROCESS = {
  execArgv: ['--max-semi-space-size=1', '--optimize-for-size'],
  env: { MALLOC_ARENA_MAX: '1' },
} as const;
