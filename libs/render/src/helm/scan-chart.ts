import { readText, type SourceTree, type TreeEntry } from '../source/source-tree.js';

/** What a chart's text tells without rendering it. */
export interface ChartScan {
  /** Its output may depend on the cluster's version or APIs. */
  mentionsCapabilities: boolean;
  /** Templates that call `lookup`, which finds nothing here. */
  lookups: string[];
}

const scans = new WeakMap<SourceTree, Map<string, Promise<ChartScan>>>();

/** Scans the files of the chart at `path`; remembered as long as the tree is. A packed dependency counts as mentioning. */
export function scanChart(tree: SourceTree, path: string, files: readonly TreeEntry[]): Promise<ChartScan> {
  const known = scans.get(tree) ?? new Map<string, Promise<ChartScan>>();
  scans.set(tree, known);
  const scan = known.get(path) ?? scanFiles(tree, files);
  known.set(path, scan);
  return scan;
}

export function mentionsCapabilities(text: string): boolean {
  return /Capabilities|kubeVersion/.test(text);
}

async function scanFiles(tree: SourceTree, files: readonly TreeEntry[]): Promise<ChartScan> {
  const scan: ChartScan = { mentionsCapabilities: false, lookups: [] };
  for (const file of files) {
    if (/\.tgz$/.test(file.path)) scan.mentionsCapabilities = true;
    if (!/\.(ya?ml|tpl|txt|json)$/.test(file.path)) continue;
    const text = await readText(tree, file);
    if (mentionsCapabilities(text)) scan.mentionsCapabilities = true;
    if (/\{\{[^}]*\blookup\s+["'(.$]/.test(text)) scan.lookups.push(file.path);
  }
  return scan;
}
