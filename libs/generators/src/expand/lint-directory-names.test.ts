import type { ApplicationSet } from '@flotilla/contracts';
import { expect, test } from 'vitest';
import { lintDirectoryNames } from './lint-directory-names.js';

const git = (path: string, more: object = {}) => ({ git: { repoURL: 'https://r', directories: [{ path }], ...more } });
const findings = (name: string, generator: object, spec: object = {}): string[] =>
  lintDirectoryNames({
    spec: { generators: [generator], template: { metadata: { name } }, ...spec },
  } as unknown as ApplicationSet);

test('a name that is equal for all directories is told, with the part of the path that differs', () => {
  expect(findings('{{path.basename}}', git('apps/*/overlays/production'))).toEqual([
    'generators[0].git.directories: every directory of apps/*/overlays/production is called production, so metadata.name tells none apart; use {{path[1]}}',
  ]);
  expect(findings('x-{{ .path.basenameNormalized }}', git('*/prod'), { goTemplate: true })).toEqual([
    expect.stringContaining('use {{ index .path.segments 0 }}'),
  ]);
  expect(findings('{{src.path.basename}}', git('a/*/prod', { pathParamPrefix: 'src' }))).toEqual([
    expect.stringContaining('use {{src.path[1]}}'),
  ]);
  const matrix = { matrix: { generators: [{ clusters: {} }, git('a/*/prod')] } };
  expect(findings('{{name}}-{{path.basename}}', matrix)).toEqual([expect.stringContaining('generators[0].matrix.generators[1].git')]);
});

test('names that differ, fixed paths and other generators are nobody’s mistake', () => {
  const fixed = git('apps/*/prod');
  expect(findings('{{path.basename}}', git('apps/*'))).toEqual([]);
  expect(findings('{{path.basename}}', git('apps/web'))).toEqual([]);
  expect(findings('{{path[1]}}-{{path.basename}}', fixed)).toEqual([]);
  expect(findings('{{name}}', fixed)).toEqual([]);
  expect(findings('{{path.basename}}', { git: { directories: [{ path: 'a/*/b', exclude: true }] } })).toEqual([]);
  expect(findings('{{path.basename}}', git('a/*/b', { template: { metadata: { name: '{{path[1]}}' } } }))).toEqual([]);
  expect(findings('{{path.basename}}', { list: { elements: [] } })).toEqual([]);
});
