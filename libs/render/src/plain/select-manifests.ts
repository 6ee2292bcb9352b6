import type { DirectorySource } from '@flotilla/contracts';
import { RenderLimitError, UnsupportedSourceError } from '../render.errors.js';
import { compileGlob } from '../source/glob.js';
import { quote } from '../source/join-path.js';
import { refuseLinks } from '../source/resolve-links.js';
import { entriesBelow, type SourceTree, SUBMODULE_MODE, type TreeEntry } from '../source/source-tree.js';

/** Bytes of manifests one plain directory may hold together. */
export const MAX_MANIFEST_BYTES = 32 * 1024 * 1024;

/**
 * The manifest files of a plain directory: `.yaml`, `.yml` and `.json`, of subdirectories only with `recurse`; `exclude` wins
 * over `include`; both are matched on the path below the directory, and `*` crosses `/`, as in Argo CD.
 */
export function selectManifests(tree: SourceTree, path: string, options: DirectorySource = {}): TreeEntry[] {
  const include = options.include ? compileGlob(options.include, 'source.directory.include') : () => true;
  const exclude = options.exclude ? compileGlob(options.exclude, 'source.directory.exclude') : () => false;
  const selected = entriesBelow(tree, path).filter((entry) => {
    const relative = path === '' ? entry.path : entry.path.slice(path.length + 1);
    if (!options.recurse && relative.includes('/')) return false;
    if (entry.mode === SUBMODULE_MODE || !/\.(ya?ml|json|jsonnet)$/i.test(relative)) return false;
    return include(relative) && !exclude(relative);
  });
  const jsonnet = selected.find((entry) => /\.jsonnet$/i.test(entry.path));
  if (jsonnet) {
    throw new UnsupportedSourceError(
      `${quote(jsonnet.path)} is Jsonnet, which is not rendered yet; leave it out by source.directory.exclude`,
      {
        path: jsonnet.path,
      },
    );
  }
  refuseLinks(selected);
  const bytes = selected.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_MANIFEST_BYTES) {
    throw new RenderLimitError(`${quote(path)} holds ${bytes} bytes of manifests; at most ${MAX_MANIFEST_BYTES} are read`, { bytes });
  }
  return selected;
}
