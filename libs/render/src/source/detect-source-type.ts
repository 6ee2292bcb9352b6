import type { ApplicationSource } from '@flotilla/contracts';
import { SourceOptionError, SourcePathError, UnsupportedSourceError } from '../render.errors.js';
import { quote } from './join-path.js';
import { hasDirectory, type SourceTree } from './source-tree.js';

export type SourceType = 'Helm' | 'Kustomize' | 'Directory';

export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/**
 * How a source is rendered, by Argo CD's rule: an explicit block decides; else a kustomization file, also next to a Chart.yaml
 * (its directory walk sees it last); else Chart.yaml; else plain manifests.
 *
 * @throws UnsupportedSourceError for `chart` and `plugin`, SourceOptionError for two blocks, SourcePathError for a missing path
 */
export function detectSourceType(source: ApplicationSource, path: string, tree: SourceTree): SourceType {
  if (source.chart !== undefined) {
    throw new UnsupportedSourceError(
      `source.chart: ${quote(source.chart)} comes from a chart repository, which is not rendered yet; commit the chart to Git and name it by source.path`,
      { field: 'chart' },
    );
  }
  if (source.plugin !== undefined) {
    throw new UnsupportedSourceError('source.plugin: config management plugins are not run; render to plain manifests and commit them', {
      field: 'plugin',
    });
  }
  const blocks = (['helm', 'kustomize', 'directory'] as const).filter((block) => source[block] !== undefined);
  if (blocks.length > 1) {
    throw new SourceOptionError(`source has ${blocks.join(' and ')}; give one of them`, { fields: blocks });
  }
  if (tree.entries.has(path)) throw new SourcePathError(`source.path: ${quote(path)} is a file; name its directory`, { path });
  if (!hasDirectory(tree, path)) throw new SourcePathError(`source.path: ${quote(path)} does not exist at this revision`, { path });
  const [block] = blocks;
  if (block === 'helm') return 'Helm';
  if (block === 'kustomize') return 'Kustomize';
  if (block === 'directory') return 'Directory';
  const has = (name: string) => tree.entries.has(path === '' ? name : `${path}/${name}`);
  if (KUSTOMIZATION_NAMES.some(has)) return 'Kustomize';
  return has('Chart.yaml') ? 'Helm' : 'Directory';
}
