export { type ProcessCommand, type ProcessEnd, type ProcessResult, runProcess } from './run-process.js';
export { findProgram, Sandbox, type SandboxCommand, type SandboxMode, sandbox, sandboxMode } from './sandbox.js';
export { DEFAULT_SANDBOX_LIMITS, type SandboxLimits } from './sandbox-limits.js';
