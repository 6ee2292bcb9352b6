export { connectService, type ServiceConnection } from './connect-service.js';
export { migrateService, openPlatform, type Platform } from './open-platform.js';
export { type PlatformConfig, platformConfigSchema, readPlatformConfig } from './platform.config.js';
export { type RunningService, runService, type ServiceDefinition, startService } from './run-service.js';
