import type { ApplicationSource } from '@flotilla/contracts';
import { writeYaml } from '@flotilla/yaml';
import { SourcePathError } from '../render.errors.js';
import type { PlannedFile, RenderContext, RenderPlan, RenderWarning } from '../render-plan.js';
import { joinPath, quote } from '../source/join-path.js';
import { refuseLinks } from '../source/resolve-links.js';
import { hasDirectory, type SourceTree, SUBMODULE_MODE } from '../source/source-tree.js';
import { buildVariables } from '../substitute-variables.js';
import { editKustomization } from './edit-kustomization.js';
import { kustomizationOf, kustomizeFiles, readKustomization } from './kustomize-files.js';

/** Plans `kustomize build` of a directory, with the options of the source written into its kustomization. */
export async function planKustomize(
  source: ApplicationSource,
  path: string,
  tree: SourceTree,
  context: RenderContext,
): Promise<RenderPlan> {
  const options = source.kustomize ?? {};
  const components = presentComponents(source, path, tree);
  const entries = (
    await kustomizeFiles(
      tree,
      path,
      components.map((component) => joinPath(path, component, 'source.kustomize.components')),
    )
  ).filter(({ mode }) => mode !== SUBMODULE_MODE);
  refuseLinks(entries);
  const main = kustomizationOf(tree, path)!;
  const original = await readKustomization(tree, main);
  const edited = editKustomization(original, options, components, buildVariables(source, context));
  const isEdited = Object.keys(edited).some((key) => edited[key] !== original[key]);
  const files: PlannedFile[] = entries.map((entry) =>
    isEdited && entry.path === main.path
      ? { to: `source/${entry.path}`, text: writeYaml(edited) }
      : { to: `source/${entry.path}`, tree, entry },
  );
  const warnings: RenderWarning[] = [];
  if (options.version) {
    warnings.push({
      type: 'OptionIgnored',
      message: `source.kustomize.version ${options.version} is not at hand; the installed Kustomize is used`,
    });
  }
  const reads = (options.components ?? []).map((component, i) => joinPath(path, component, `source.kustomize.components[${i}]`));
  const cwd = path === '' ? 'source' : `source/${path}`;
  return {
    type: 'Kustomize',
    path,
    files,
    command: { tool: 'kustomize', argv: ['.'], cwd },
    reads: [path, ...reads].map((place) => ({ tree, path: place })),
    warnings,
  };
}

function presentComponents(source: ApplicationSource, path: string, tree: SourceTree): string[] {
  const { components = [], ignoreMissingComponents } = source.kustomize ?? {};
  return components.filter((component, i) => {
    const field = `source.kustomize.components[${i}]`;
    const directory = joinPath(path, component, field);
    if (hasDirectory(tree, directory)) return true;
    if (ignoreMissingComponents) return false;
    throw new SourcePathError(
      `${field}: ${quote(component)} does not exist; add it or set source.kustomize.ignoreMissingComponents: true`,
      { field },
    );
  });
}
