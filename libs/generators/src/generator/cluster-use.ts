import type { ClusterUse } from './generator.js';
import { type GeneratorEntry, readEntry } from './read-entry.js';

/** How one generator's parameter sets depend on the clusters. @throws GeneratorError for an entry that cannot be read */
export function clusterUseOf({ generator, spec, path }: GeneratorEntry['uses'][number]): ClusterUse {
  const { clusterSelectors, children } = generator.inputs(spec);
  const below = children.map((child, i) => entryUse(child, `${path}.generators[${i}]`));
  if (generator.clusterUse) return generator.clusterUse(spec, below);
  return clusterSelectors.length === 0 && below.every((use) => use === 'none') ? 'none' : 'whole';
}

function entryUse(entry: unknown, path: string): ClusterUse {
  const uses = readEntry(entry, path).uses.map(clusterUseOf);
  return uses.find((use) => use === 'whole') ?? uses.find((use) => use === 'each') ?? 'none';
}
