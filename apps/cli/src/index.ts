export type { CliContext } from './context.js';
export { CLI_VERSION, createProgram } from './create-program.js';
