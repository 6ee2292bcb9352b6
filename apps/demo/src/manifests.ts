import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '@flotilla/yaml';
import { DEMO_ROOT } from './demo-root.js';

/** The demo's own files: manifests for the hub and the content of its Git repository. */
export const REPOSITORY_CONTENT = join(DEMO_ROOT, 'fleet-repo');

export interface DemoDocument {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: unknown;
}

/** Reads `manifests/<name>.yaml` with its `${NAME}` parameters filled in; an unknown one is an error. */
export async function readManifest(name: string, parameters: Readonly<Record<string, string>>): Promise<DemoDocument> {
  const file = join(DEMO_ROOT, 'manifests', `${name}.yaml`);
  const text = (await readFile(file, 'utf8')).replace(/\$\{(\w+)\}/g, (_, key: string) => {
    const value = parameters[key];
    if (value === undefined) throw new Error(`${file}: no parameter ${key}`);
    return value;
  });
  return parseYaml(text, { file })[0] as DemoDocument;
}
