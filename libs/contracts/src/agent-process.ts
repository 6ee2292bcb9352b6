/**
 * How to run the agent as a process of its own within 90 MiB: `node ...execArgv main.js` with this environment. Young objects get
 * small semi-spaces; the last compiler tier stays out (its code alone is 5 MiB, and work that comes in bursts of a second never
 * earns it back); the agent calls the collector when it comes to rest. glibc gets one arena without caches per thread, takes
 * buffers of 8 KiB and more from the system and gives them back at once: else the buffers of 32 connections stay for ever.
 */
export const AGENT_PROCESS = {
  execArgv: ['--max-semi-space-size=2', '--optimize-for-size', '--no-turbofan', '--expose-gc'],
  env: {
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '8192',
    MALLOC_TRIM_THRESHOLD_: '65536',
    GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0',
  },
} as const;
