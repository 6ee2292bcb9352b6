import type { ApplicationSource } from '@flotilla/contracts';
import { type Digest, digestJson } from '@flotilla/kernel';
import { planHelm } from './helm/plan-helm.js';
import { planKustomize } from './kustomize/plan-kustomize.js';
import { selectManifests } from './plain/select-manifests.js';
import { RenderLimitError } from './render.errors.js';
import type { RenderContext, RenderPlan } from './render-plan.js';
import { completeReads } from './source/complete-reads.js';
import { detectSourceType } from './source/detect-source-type.js';
import { joinPath, quote } from './source/join-path.js';
import { resolveLinks } from './source/resolve-links.js';
import { entriesBelow, type SourceTree, SUBMODULE_MODE } from './source/source-tree.js';

/** Files and bytes one render may take in. */
const MAX_FILES = 10_000;
const MAX_BYTES = 128 * 1024 * 1024;

/**
 * Decides how a source is rendered and from which files, without running anything. `tree` is the commit's; links in it are
 * replaced by what they point to.
 */
export async function planRender(source: ApplicationSource, tree: SourceTree, context: RenderContext): Promise<RenderPlan> {
  const path = joinPath('', source.path ?? '', 'source.path');
  const resolved = await resolvedTree(tree);
  const refs = new Map<string, SourceTree>();
  for (const [name, referenced] of context.refs) refs.set(name, await resolvedTree(referenced));
  const type = detectSourceType(source, path, resolved);
  const plan = await planByType[type](source, path, resolved, { ...context, refs });
  refuseLarge(plan);
  plan.reads = await completeReads(plan, [[tree, resolved], ...[...context.refs].map(([name, raw]) => [raw, refs.get(name)!] as const)]);
  for (const submodule of entriesBelow(resolved, path).filter(({ mode }) => mode === SUBMODULE_MODE)) {
    plan.warnings.push({
      type: 'SubmoduleMissing',
      message: `${quote(submodule.path)} is a submodule, which is not fetched; its files are missing`,
    });
  }
  return plan;
}

const planByType = {
  Helm: planHelm,
  Kustomize: planKustomize,
  Directory: async (source: ApplicationSource, path: string, tree: SourceTree): Promise<RenderPlan> => {
    const files = selectManifests(tree, path, source.directory).map((entry) => ({ to: entry.path, tree, entry }));
    return { type: 'Directory', path, files, reads: [{ tree, path }], warnings: [] };
  },
} as const;

/**
 * The render key: equal keys have equal output. It covers the content of every file that takes part, the arguments (values,
 * release name, namespace; Kubernetes and API versions only where they matter) and the tool's version.
 */
export function renderKey(plan: RenderPlan, toolVersion: string): Digest {
  return digestJson({
    type: plan.type,
    tool: plan.command ? toolVersion : '',
    argv: plan.command?.argv ?? [],
    cwd: plan.command?.cwd ?? '',
    files: plan.files.map((file) => ('text' in file ? [file.to, 'text', file.text] : [file.to, file.entry.mode, file.entry.object])),
  });
}

const resolvedTrees = new WeakMap<SourceTree, Promise<SourceTree>>();

function resolvedTree(tree: SourceTree): Promise<SourceTree> {
  const resolved = resolvedTrees.get(tree) ?? resolveLinks(tree);
  resolvedTrees.set(tree, resolved);
  return resolved;
}

function refuseLarge(plan: RenderPlan): void {
  const bytes = plan.files.reduce((sum, file) => sum + ('text' in file ? file.text.length : file.entry.size), 0);
  if (plan.files.length > MAX_FILES || bytes > MAX_BYTES) {
    throw new RenderLimitError(
      `${quote(plan.path)} takes in ${plan.files.length} files of ${bytes} bytes; at most ${MAX_FILES} files of ${MAX_BYTES} bytes are rendered`,
      { files: plan.files.length, bytes },
    );
  }
}
