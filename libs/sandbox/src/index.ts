export { runProcess } from './launcher.js';
export { findProgram, Sandbox, type SandboxCommand, type SandboxMode, sandbox, sandboxMode } from './sandbox.js';
export { DEFAULT_SANDBOX_LIMITS, type SandboxLimits } from './sandbox-limits.js';
export type { ProcessCommand, ProcessEnd, ProcessResult } from './spawn-process.js';
