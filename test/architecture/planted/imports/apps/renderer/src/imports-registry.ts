export { registry } from '../../registry/src/registry.js';
