export { createNotifier, type Notifier, type NotifierPorts, type NotifierUses } from './create-notifier.js';
export { type NotifierConfig, notifierConfigSchema, readNotifierConfig } from './notifier.config.js';
export { NotifierModule, type NotifierService, startNotifier } from './notifier.module.js';
export { routes as notifierRoutes } from './routes.js';
