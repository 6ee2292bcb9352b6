import type { SourceType } from './source/detect-source-type.js';
import type { SourceTree, TreeEntry } from './source/source-tree.js';

/** What is known about the application beside its source. */
export interface RenderContext {
  /** Application name: the default Helm release name. */
  name: string;
  namespace: string;
  project: string;
  /** `destination.namespace`. */
  destinationNamespace: string;
  /** The pinned commit. */
  revision: string;
  /** Of the cluster, as reported; absent before it has. */
  kubernetesVersion?: string;
  apiVersions?: readonly string[];
  /** Trees of the other sources that have a `ref`, for `$ref/...` value files. */
  refs: ReadonlyMap<string, SourceTree>;
}

/** A file of the render directory: from the commit, or made by us. */
export type PlannedFile = { to: string; tree: SourceTree; entry: TreeEntry } | { to: string; text: string };

/** A note for the application's conditions. */
export interface RenderWarning {
  type: 'ToolWarning' | 'LookupEmpty' | 'SubmoduleMissing' | 'OptionIgnored' | 'CapabilitiesUnknown';
  message: string;
}

/** A path of a commit, of a file or directory that may also be absent. */
export interface ReadPlace {
  tree: SourceTree;
  path: string;
}

/** Everything a render consists of; equal plans (by `inputs`) give equal output. */
export interface RenderPlan {
  type: SourceType;
  /** Directory of the source in the repository. */
  path: string;
  files: PlannedFile[];
  /** The call of the tool; `cwd` is relative to the render directory. None for plain directories. */
  command?: { tool: 'helm' | 'kustomize'; argv: string[]; cwd: string };
  /** Parts of the command that do not change the output and stay out of the render key. */
  keylessArgv?: string[];
  /**
   * What the plan was made from: a commit that changes nothing at, below or above one of these paths gives the same plan, but for
   * what the variables of the source say of the commit.
   */
  reads: ReadPlace[];
  warnings: RenderWarning[];
}
