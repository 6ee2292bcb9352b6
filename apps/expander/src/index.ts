export { createExpander, type Expander, type ExpanderPorts, type ExpanderUses } from './create-expander.js';
export { type ExpanderConfig, expanderConfigSchema, readExpanderConfig } from './expander.config.js';
export { ExpanderModule, type ExpanderService, startExpander } from './expander.module.js';
export { routes as expanderRoutes } from './routes.js';
