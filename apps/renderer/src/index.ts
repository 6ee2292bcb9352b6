export { type CommitComparison, type KeptRender, KeptRenders, type SourceAt } from './changes/kept-renders.js';
export { createRenderer, type Renderer, type RendererPorts, type RendererUses } from './create-renderer.js';
export { GitMirror } from './git/git-mirror.js';
export { GitRunner } from './git/git-runner.js';
export { type RendererConfig, readRendererConfig, rendererConfigSchema } from './renderer.config.js';
export { RendererModule, type RendererService, startRenderer } from './renderer.module.js';
export { rendererSchema } from './renderer.schema.js';
export { routes as rendererRoutes } from './routes.js';
