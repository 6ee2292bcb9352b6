import type { ReadPlace, RenderPlan } from '../render-plan.js';
import { KUSTOMIZATION_NAMES } from './detect-source-type.js';
import { baseOf, directoryOf } from './join-path.js';
import { linkTargets } from './resolve-links.js';
import type { SourceTree } from './source-tree.js';

/** A plan that reads more places than this is taken to read the whole commit. */
const MAX_PLACES = 100;
/** Files whose directory as a whole takes part in a render. */
const ROOT_FILES: ReadonlySet<string> = new Set(['Chart.yaml', ...KUSTOMIZATION_NAMES]);

/**
 * All that a plan was made from, by the commits' own trees: what its planner looked for, the files it takes in, whole directories
 * for charts and kustomizations, and what symbolic links on the way point to.
 *
 * @param trees each commit's tree with the one whose links are resolved
 */
export async function completeReads(
  plan: Pick<RenderPlan, 'files' | 'reads'>,
  trees: readonly (readonly [SourceTree, SourceTree])[],
): Promise<ReadPlace[]> {
  const paths = new Map<SourceTree, Set<string>>();
  const add = ({ tree, path }: ReadPlace): void => {
    const known = paths.get(tree) ?? new Set();
    paths.set(tree, known.add(path));
  };
  for (const place of plan.reads) add(place);
  for (const file of plan.files) {
    if (!('entry' in file)) continue;
    const { path } = file.entry;
    add({ tree: file.tree, path: ROOT_FILES.has(baseOf(path)) ? directoryOf(path) : path });
  }
  const places: ReadPlace[] = [];
  for (const [tree, resolved] of new Map(trees)) {
    const read = paths.get(resolved);
    if (!read) continue;
    const whole = withoutInner(followLinks(withoutInner([...read]), await linkTargets(tree)));
    places.push(...whole.map((path) => ({ tree, path })));
  }
  return places;
}

/** Adds where the links lead to that lie on the way to a path or below it. */
function followLinks(paths: readonly string[], targets: ReadonlyMap<string, string>): string[] {
  const all = new Set(paths);
  if (targets.size === 0) return paths.length > MAX_PLACES ? [''] : [...paths];
  for (const path of all) {
    if (all.size > MAX_PLACES) return [''];
    for (const [link, target] of targets) {
      if (isAtOrBelow(link, path)) all.add(target);
      else if (isAtOrBelow(path, link)) all.add(target === '' ? path.slice(link.length + 1) : target + path.slice(link.length));
    }
  }
  return [...all];
}

/** Paths that lie below another one say nothing more. */
function withoutInner(paths: readonly string[]): string[] {
  const kept = new Set<string>();
  for (const path of [...paths].sort((a, b) => a.length - b.length)) if (!hasPrefixIn(kept, path)) kept.add(path);
  return [...kept];
}

function hasPrefixIn(kept: ReadonlySet<string>, path: string): boolean {
  if (kept.has('') || kept.has(path)) return true;
  for (let i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) if (kept.has(path.slice(0, i))) return true;
  return false;
}

const isAtOrBelow = (path: string, directory: string): boolean =>
  directory === '' || path === directory || path.startsWith(`${directory}/`);
