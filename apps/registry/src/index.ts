export { type RegistryConfig, readRegistryConfig, registryConfigSchema } from './registry.config.js';
export { type Registry, RegistryModule, startRegistry } from './registry.module.js';
export { registrySchema } from './registry.schema.js';
export { registryRoutes } from './routes.js';
