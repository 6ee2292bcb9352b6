import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HubError } from '../cli.errors.js';
import { emptyPlan, runCli } from '../testing.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-inputs-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const setOf = (name: string, elements: object[]) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name, namespace: 'argocd' },
  spec: {
    generators: [{ list: { elements } }],
    template: {
      metadata: { name: `${name}-{{n}}`, annotations: { note: '{{text}}' } },
      spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { name: 'c', namespace: 'x' } },
    },
  },
});
const write = (...documents: object[]): string => {
  const file = join(dir, 'sets.yaml');
  writeFileSync(file, documents.map((document) => JSON.stringify(document)).join('\n---\n'));
  return file;
};

test('a command takes either the name of a stored set or files', async () => {
  const file = write(setOf('a', [{ n: '1', text: 'x' }]));
  for (const verb of ['generate', 'trace', 'plan']) {
    await expect(runCli(['appset', verb])).rejects.toThrow('give either NAME or -f FILE');
    await expect(runCli(['appset', verb, 'web', '-f', file])).rejects.toThrow('give either NAME or -f FILE');
    await expect(runCli(['appset', verb, 'web', '-f', file, '--offline'])).rejects.toThrow('only the hub knows web');
  }
  expect(await runCli(['appset', 'diff'])).toMatchObject({ exitCode: 2, error: expect.stringContaining('give either NAME or -f FILE') });
});

test('several sets are one table and one stream of YAML, and one array each as JSON', async () => {
  const file = write(setOf('a', [{ n: '1', text: 'x' }]), setOf('none', []), setOf('b', [{ n: '1', text: 'y' }]));
  const run = async (format: string) => (await runCli(['appset', 'generate', '-f', file, '--offline', '-o', format])).out;
  expect((await run('table')).split('\n').map((line) => line.split(' ')[0])).toEqual(['NAME', 'a-1', 'b-1', '']);
  expect((await run('yaml')).split('---\n')).toEqual([
    expect.stringMatching(/^apiVersion[\s\S]*name: a-1\n/),
    expect.stringMatching(/^apiVersion[\s\S]*name: b-1\n[\s\S]*[^\n]\n$/),
  ]);
  expect((await run('json')).split(/\n(?=\[)/).map((text) => (JSON.parse(text) as unknown[]).length)).toEqual([1, 0, 1]);
});

test('a table shows values short and obeys none of them', async () => {
  const escapeSign = String.fromCharCode(27);
  const file = write(setOf('a', [{ n: '1', text: `${escapeSign}[31mred\n${'x'.repeat(5_000)}`, unused: 'u' }]));
  const { out } = await runCli(['appset', 'trace', '-f', file, '--offline']);
  expect(out).not.toContain(escapeSign);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(400);
  expect(out).toMatch(/text +\[31mred x+…/);
});

test('a part of a set is sent to the hub, which refuses it, and is not left out in silence', async () => {
  const { calls } = await runCli(['appset', 'plan', '-f', write({ spec: { generators: [] } })], {
    planApplicationSet: {
      report: emptyPlan('x'),
      documents: [],
    },
  });
  expect(calls).toMatchObject([{ id: 'planApplicationSet' }]);
});

describe('the sets of files that the hub is asked about', () => {
  const generated = (name: string, more: object = {}) => ({
    applications: [{ metadata: { name }, spec: { destination: {} } }],
    warnings: [],
    held: [],
    heldCount: 0,
    ...more,
  });
  const file = () => write(setOf('a', [{ n: '1', text: 'x' }]), setOf('b', [{ n: '1', text: 'y' }]), setOf('c', [{ n: '1', text: 'z' }]));
  const faultsIn = (error: string) => error.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as object] : []));

  test('are answered each, what is wrong with one as a fault with its place', async () => {
    const path = file();
    const broken = new HubError(422, 'generator-invalid', 'no list', { generator: 'generators[0].list', field: 'elements' });
    const held = [
      { name: 'b-1', reason: 'unresolved', message: 'nobody knows {{x}}', field: 'spec.source.path', generator: 'generators[0].list' },
    ];
    const { out, error, exitCode } = await runCli(['appset', 'generate', '-f', path, '-o', 'name'], {
      generateApplicationSet: [broken, generated('b-0', { held, heldCount: 3 }), generated('c-1')],
    });
    expect([out, exitCode]).toEqual(['application.argoproj.io/c-1\n', 1]);
    const place = { file: path, line: 1, generator: 'spec.generators[0].list' };
    expect(faultsIn(error)).toEqual([
      { ...place, set: 'a', field: 'spec.generators[0].list.elements', code: 'generator-invalid', message: 'no list' },
      { ...place, line: 3, set: 'b', field: 'spec.template.spec.source.path', code: 'unresolved', message: 'nobody knows {{x}}' },
    ]);
    expect(error).toContain('Warning: b: 2 more applications would not be written');
  });

  test('fail the command when one of them fails, whichever it is', async () => {
    const trace = { set: 'x', applications: [], more: 0, unused: [], unmatched: [], findings: [] };
    const broken = new HubError(422, 'generator-invalid', 'no list');
    for (const [verb, id, answer] of [
      ['plan', 'planApplicationSet', { report: emptyPlan('x'), documents: [] }],
      ['trace', 'traceApplicationSet', trace],
    ] as const) {
      const { out, error, exitCode } = await runCli(['appset', verb, '-f', file(), '-o', 'json'], { [id]: [answer, broken, answer] });
      expect([faultsIn(error), exitCode]).toMatchObject([[{ set: 'b', code: 'generator-invalid' }], 1]);
      expect(out.match(/"set": "x"/g)).toHaveLength(2);
    }
  });

  test('are not asked about any further when the hub cannot answer', async () => {
    for (const error of [
      new HubError(0, 'unreachable', 'no hub'),
      new HubError(403, 'forbidden', 'not you'),
      new HubError(503, 'unavailable', 'busy'),
    ]) {
      await expect(runCli(['appset', 'generate', '-f', file()], { generateApplicationSet: [generated('a-1'), error] })).rejects.toBe(error);
    }
  });
});
