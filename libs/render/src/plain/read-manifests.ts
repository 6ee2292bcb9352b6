import type { RenderedObject } from '@flotilla/bundle';
import { isObject } from '@flotilla/kernel';
import { parseYaml } from '@flotilla/yaml';
import { MAX_OBJECTS, parseObjects } from '../parse-objects.js';
import { RenderFailedError, RenderLimitError } from '../render.errors.js';
import { readText, type SourceTree, type TreeEntry } from '../source/source-tree.js';

/** A file that holds this comment is not a manifest (Argo CD). */
const SKIP_MARK = '# +argocd:skip-file-rendering';

/**
 * The objects of manifest files. A file without any object is left out when it does not look like a manifest (values, CI
 * configuration); one that mixes objects and other documents is an error.
 */
export async function readManifests(tree: SourceTree, files: readonly TreeEntry[]): Promise<RenderedObject[]> {
  const objects: RenderedObject[] = [];
  for (const file of files) {
    const text = await readText(tree, file);
    if (text.includes(SKIP_MARK)) continue;
    objects.push(...readManifest(file.path, text));
    if (objects.length > MAX_OBJECTS)
      throw new RenderLimitError(`the directory holds more than ${MAX_OBJECTS} objects`, { limit: MAX_OBJECTS });
  }
  return objects;
}

function readManifest(path: string, text: string): RenderedObject[] {
  if (!looksLikeManifest(text)) {
    try {
      if (!parseYaml(text).some(isKubeObject)) return [];
    } catch {
      // Something else than YAML or JSON that happens to have the ending.
      return [];
    }
  }
  const objects = parseObjects(text, path);
  const other = objects.find(({ object }) => !isKubeObject(object));
  if (other) {
    throw new RenderFailedError(
      `${other.origin}: apiVersion and kind are missing; if the file is no manifest, add the line "${SKIP_MARK}"`,
      {
        place: other.origin,
      },
    );
  }
  return objects;
}

function isKubeObject(value: unknown): boolean {
  return isObject(value) && typeof value.apiVersion === 'string' && typeof value.kind === 'string';
}

function looksLikeManifest(text: string): boolean {
  return ['apiVersion', 'kind', 'metadata'].every((key) => new RegExp(`["']?${key}["']?\\s*:`).test(text));
}
