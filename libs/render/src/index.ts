export { executePlan, type Rendered, type RunTool, type ToolResult } from './execute-plan.js';
export { findLatestTags } from './find-latest-tags.js';
export { findPlainSecrets } from './find-plain-secrets.js';
export { ASSUMED_KUBERNETES_VERSION } from './helm/plan-helm.js';
export { MAX_OBJECTS } from './parse-objects.js';
export { planRender, renderKey } from './plan-render.js';
export {
  EmptySourceError,
  RenderFailedError,
  RenderLimitError,
  SourceOptionError,
  SourcePathError,
  ToolMissingError,
  UnsupportedSourceError,
} from './render.errors.js';
export type { PlannedFile, ReadPlace, RenderContext, RenderPlan, RenderWarning } from './render-plan.js';
export type { SourceType } from './source/detect-source-type.js';
export { compileGlob } from './source/glob.js';
export { joinPath } from './source/join-path.js';
export { type SourceTree, SUBMODULE_MODE, SYMLINK_MODE, type TreeEntry } from './source/source-tree.js';
