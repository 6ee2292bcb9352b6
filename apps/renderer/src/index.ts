export { createRenderer, type Renderer, type RendererPorts, type RendererUses } from './create-renderer.js';
export { type RendererConfig, readRendererConfig, rendererConfigSchema } from './renderer.config.js';
export { RendererModule, type RendererService, startRenderer } from './renderer.module.js';
export { rendererSchema } from './renderer.schema.js';
export { routes as rendererRoutes } from './routes.js';
