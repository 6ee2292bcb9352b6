import { matchesGlob } from '@flotilla/selector';
import type { ClusterEntry, GeneratorPorts } from './generator/generator.js';

/** Inputs held in memory: clusters, and one tree of files for every repository. */
export function memoryPorts(input: { clusters?: readonly ClusterEntry[]; files?: Readonly<Record<string, string>> }): GeneratorPorts {
  const files = Object.entries(input.files ?? {});
  const directories = new Set(
    files.flatMap(([path]) => {
      const segments = path.split('/').slice(0, -1);
      return segments.map((_, i) => segments.slice(0, i + 1).join('/'));
    }),
  );
  const matches = (patterns: readonly string[], path: string) =>
    patterns.some((pattern) => matchesGlob(pattern.replaceAll('**/', '*'), path));
  return {
    clusters: async () => input.clusters ?? [],
    directories: async () => [...directories],
    files: async (_repoURL, _revision, patterns, exclude) =>
      files.filter(([path]) => matches(patterns, path) && !matches(exclude, path)).map(([path, text]) => ({ path, text })),
  };
}

export function clusterEntry(name: string, labels: Record<string, string> = {}, server = `https://${name}.example.com`): ClusterEntry {
  return { name, server, labels, annotations: {} };
}
