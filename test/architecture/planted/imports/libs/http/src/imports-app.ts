export { registry } from '../../../apps/registry/src/registry.js';
