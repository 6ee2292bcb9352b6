import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { type ClusterEntry, expandSet, type GeneratorPorts } from '@flotilla/generators';
import { messageOf } from '@flotilla/kernel';
import { matchesGlob } from '@flotilla/selector';
import { parseYaml } from '@flotilla/yaml';
import { expect } from 'vitest';
import { admit, describeErrors } from '../index.js';

const CORPUS = join(import.meta.dirname, '../../../../test/corpus');
export const oddities = JSON.parse(readFileSync(join(CORPUS, 'oddities.json'), 'utf8')) as { id: string; action: string }[];
export const readCorpus = (file: string): unknown[] =>
  parseYaml(readFileSync(join(CORPUS, file), 'utf8'), { file }).filter((document) => document !== null);

/** What admission, and for sets the expansion, say about the documents of a file, as one text. */
export interface Answer {
  accepted: boolean;
  said: string;
  names: string[];
}

export async function answerOf(
  file: string,
  input: { clusters?: string[]; repo?: string; over?: unknown; onlyAdmit?: boolean } = {},
): Promise<Answer> {
  const said: string[] = [];
  const names: string[] = [];
  let accepted = true;
  for (const raw of readCorpus(file)) {
    const { document, warnings, errors } = admit(input.over ? merge(input.over, raw) : raw);
    said.push(...warnings, describeErrors(errors));
    if (!document) accepted = false;
    else if (document.kind === 'ApplicationSet' && !input.onlyAdmit) accepted = (await expand(document, input, said, names)) && accepted;
  }
  return { accepted, said: said.join('\n'), names };
}

async function expand(
  document: ResourceDocument,
  input: { clusters?: string[]; repo?: string },
  said: string[],
  names: string[],
): Promise<boolean> {
  try {
    const expansion = await expandSet(document as unknown as ApplicationSet, corpusPorts(input.clusters ?? [], input.repo));
    said.push(...expansion.warnings, ...expansion.held.map(({ message }) => message));
    names.push(...expansion.applications.map(({ name }) => name));
    return expansion.held.length === 0;
  } catch (error) {
    said.push(messageOf(error));
    return (error as { code?: string }).code === 'generator-unsupported';
  }
}

function corpusPorts(clusterFiles: readonly string[], repo: string | undefined): GeneratorPorts {
  const root = join(CORPUS, 'repos', repo ?? '');
  const paths = repo ? (readdirSync(root, { recursive: true }) as string[]).map((path) => relative(root, join(root, path))) : [];
  const isDirectory = (path: string) => statSync(join(root, path)).isDirectory();
  const fits = (patterns: readonly string[], path: string) => patterns.some((pattern) => matchesGlob(pattern.replace('**/', '*'), path));
  return {
    clusters: async () => clusterFiles.flatMap(clustersOf),
    directories: async () => paths.filter(isDirectory),
    files: async (_url, _revision, patterns, exclude) =>
      paths
        .filter((path) => !isDirectory(path) && fits(patterns, path) && !fits(exclude, path))
        .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  };
}

export function clustersOf(file: string): ClusterEntry[] {
  return (readCorpus(file) as { metadata: { labels: Record<string, string> }; stringData: { name: string; server: string } }[]).map(
    ({ metadata, stringData }) => ({ name: stringData.name, server: stringData.server, labels: metadata.labels, annotations: {} }),
  );
}

/** Lays a fragment over a whole document, as `kubectl patch` would. */
export function merge(base: unknown, patch: unknown): unknown {
  if (typeof base !== 'object' || base === null || typeof patch !== 'object' || patch === null || Array.isArray(patch))
    return patch ?? base;
  const merged: Record<string, unknown> = { ...(base as Record<string, unknown>) };
  for (const [key, value] of Object.entries(patch)) merged[key] = merge(merged[key], value);
  return merged;
}

export const wholeApplication = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'whole', namespace: 'argocd' },
  spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { name: 'c', namespace: 'n' } },
};
export const PROD = ['clusters/000-prod-cluster-east.yaml', 'clusters/000-spoke-cluster-east.yaml'];
export const LABELLED = ['clusters/002-labelled-staging-prod.yaml'];

export interface Row {
  file: string;
  input?: Parameters<typeof answerOf>[1];
  accepted: boolean;
  says?: (string | RegExp)[];
  silent?: boolean;
  names?: string[];
}

/** Asks every row's file and compares: whether it is accepted, what is said, which applications it stands for. */
export async function expectRows(rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const { accepted, said, names } = await answerOf(row.file, row.input);
    expect({ file: row.file, accepted, said }).toMatchObject({ accepted: row.accepted });
    for (const fragment of row.says ?? []) expect(said).toMatch(fragment instanceof RegExp ? fragment : new RegExp(escapeText(fragment)));
    if (row.silent) expect(said.trim()).toBe('');
    if (row.names) expect(names).toEqual(row.names);
  }
}

export const cleanFiles = (): string[] => {
  const index = JSON.parse(readFileSync(join(CORPUS, 'index.json'), 'utf8')) as { file: string; oddities: string[]; fragment: boolean }[];
  return index.filter(({ oddities: ids, fragment }) => ids.length === 0 && !fragment).map(({ file }) => file);
};

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
