import { isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { RenderFailedError, SourcePathError, UnsupportedSourceError } from '../render.errors.js';
import { joinPath, quote } from '../source/join-path.js';
import { refuseLinks } from '../source/resolve-links.js';
import { entriesBelow, readText, type SourceTree, SUBMODULE_MODE, type TreeEntry } from '../source/source-tree.js';

export interface ChartFile {
  to: string;
  tree: SourceTree;
  entry: TreeEntry;
}

/** Local charts may depend on local charts so many levels deep. */
const MAX_DEPENDENCY_DEPTH = 10;

/**
 * The files of a chart, and below `charts/` those of its `file://` dependencies. Nothing is downloaded: another dependency that
 * is not below `charts/` is an error that says how to put it there.
 */
export async function chartFiles(tree: SourceTree, path: string, to: string, depth = 0): Promise<ChartFile[]> {
  const entries = entriesBelow(tree, path).filter(({ mode }) => mode !== SUBMODULE_MODE);
  refuseLinks(entries);
  const cut = path === '' ? 0 : path.length + 1;
  const files = entries.map((entry) => ({ to: `${to}/${entry.path.slice(cut)}`, tree, entry }));
  for (const dependency of await readDependencies(tree, path)) {
    if (files.some((file) => isVendored(file.to.slice(to.length + 1), dependency.name))) continue;
    const local = /^file:\/\/(.+)$/.exec(dependency.repository)?.[1];
    if (local === undefined) {
      throw new UnsupportedSourceError(
        `${quote(`${path}/Chart.yaml`)}: dependency ${quote(dependency.name)} is not below charts/; run "helm dependency update" and commit charts/`,
        { path, dependency: dependency.name },
      );
    }
    if (depth >= MAX_DEPENDENCY_DEPTH) throw new RenderFailedError(`${quote(path)}: local chart dependencies form a circle`, { path });
    const from = joinPath(path, local, `${path}/Chart.yaml dependencies`);
    if (!tree.entries.has(from === '' ? 'Chart.yaml' : `${from}/Chart.yaml`)) {
      throw new SourcePathError(`${quote(`${path}/Chart.yaml`)}: dependency ${quote(dependency.name)}: ${quote(from)} holds no chart`, {
        path: from,
      });
    }
    files.push(...(await chartFiles(tree, from, `${to}/charts/${dependency.name}`, depth + 1)));
  }
  return files;
}

async function readDependencies(tree: SourceTree, path: string): Promise<{ name: string; repository: string }[]> {
  const found: { name: string; repository: string }[] = [];
  for (const name of ['Chart.yaml', 'requirements.yaml']) {
    const entry = tree.entries.get(path === '' ? name : `${path}/${name}`);
    if (!entry) continue;
    const document = readDocument(await readText(tree, entry), entry.path);
    for (const dependency of isObject(document) && Array.isArray(document.dependencies) ? document.dependencies : []) {
      if (!isObject(dependency) || typeof dependency.name !== 'string') continue;
      if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(dependency.name)) {
        throw new RenderFailedError(`${quote(entry.path)}: ${quote(dependency.name)} is no name of a chart`, { path: entry.path });
      }
      found.push({ name: dependency.name, repository: typeof dependency.repository === 'string' ? dependency.repository : '' });
    }
  }
  return found;
}

function readDocument(text: string, file: string): unknown {
  try {
    return parseYamlDocument(text, { file });
  } catch (error) {
    throw new RenderFailedError(messageOf(error), { path: file });
  }
}

function isVendored(path: string, name: string): boolean {
  const [charts, chart = '', file] = path.split('/', 3);
  if (charts !== 'charts') return false;
  return file === undefined ? chart.startsWith(`${name}-`) && chart.endsWith('.tgz') : chart === name;
}
