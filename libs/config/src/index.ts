export { type ConfigRow, describeConfig } from './describe-config.js';
export { type Environment, readConfig } from './read-config.js';
