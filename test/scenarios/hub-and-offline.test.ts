import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFlotilla, World } from '@flotilla/demo';
import { expect, test } from 'vitest';
import { CONTENT, end, SHORT_POLL, worldDirectory } from './stage/play-short.js';

const clusters = ['one', 'two', 'three'].map((name, i) => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: { fleet: 'explained', ring: i === 0 ? 'canary' : 'rest' }, annotations: { 'example.org/size': `${i}` } },
  spec: {},
}));

const setOf = (name: string, generators: object[], template: { name: string; path: string; cluster: string }, more: object = {}) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name, namespace: 'argocd' },
  spec: {
    ...more,
    generators,
    template: {
      metadata: { name: template.name },
      spec: {
        project: 'default',
        source: { repoURL: 'REPOSITORY', targetRevision: 'main', path: template.path },
        destination: { name: template.cluster, namespace: 'shop' },
      },
    },
  },
});

/** Each asks for something else; of the last three something is wrong, with an input or with what is generated. */
function sets(repoURL: string): object[] {
  const chosen = { clusters: { selector: { matchLabels: { fleet: 'explained' } } } };
  const directories = { git: { repoURL, revision: 'main', directories: [{ path: '*' }] } };
  const files = { git: { repoURL, revision: 'main', files: [{ path: '**/settings.yaml' }] } };
  const overlay = {
    list: {
      elements: [
        { name: 'two', size: 'large' },
        { name: 'nowhere', size: 'none' },
      ],
    },
  };
  const filled = { clusters: { selector: { matchLabels: { ring: '{{ring}}' } }, values: { of: '{{ring}}' } } };
  const matrix = (first: object, second: object) => [{ matrix: { generators: [first, second] } }];
  const merge = [{ merge: { mergeKeys: ['name'], generators: [chosen, overlay] } }];
  const path = '{{path}}';
  const all = [
    setOf('pairs', matrix(chosen, directories), { name: '{{path.basename}}-{{name}}', path, cluster: '{{name}}' }),
    setOf('filled', matrix({ list: { elements: [{ ring: 'rest' }] } }, filled), {
      name: 'x-{{nameNormalized}}-{{values.of}}',
      path: 'shop',
      cluster: '{{name}}',
    }),
    setOf('merged', merge, { name: 'm-{{name}}', path: 'shop', cluster: '{{name}}' }),
    setOf(
      'typed',
      [files],
      { name: '{{.path.basenameNormalized}}-{{.metadata.name}}', path: '{{.path.path}}', cluster: 'one' },
      { goTemplate: true },
    ),
    setOf('clashing', matrix(overlay, chosen), { name: '{{name}}', path: 'shop', cluster: '{{name}}' }),
    setOf('shared', [chosen], { name: 'same', path: 'shop', cluster: '{{name}}' }),
    setOf('refused', [overlay], { name: 'x-{{name}}', path: 'shop', cluster: '' }),
  ];
  return all.map((set) => JSON.parse(JSON.stringify(set).replaceAll('REPOSITORY', repoURL)) as object);
}

/** What a command prints: its JSON, and what is wrong, one JSON line each. */
async function answerOf(command: Promise<string>): Promise<{ printed: unknown; faults: unknown[] }> {
  const failed = (error: { stdout: string; stderr: string }) => error;
  const { stdout, stderr } = await command.then((text) => ({ stdout: text, stderr: '' }), failed);
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return { printed: stdout === '' ? '' : JSON.parse(stdout), faults: lines.map((line) => JSON.parse(line)) };
}

test('what a set means is the same with the hub and without one', { timeout: 120_000 }, async () => {
  const world = await World.create(worldDirectory(), { content: CONTENT, settings: SHORT_POLL });
  try {
    await world.hub.start();
    await world.repository.push('the shop opens');
    for (const cluster of clusters) {
      await world.hub.client.apply(`/apis/flotilla.dev/v1alpha1/clusters/${cluster.metadata.name}`, cluster, { fieldManager: 'test' });
    }
    const write = (name: string, documents: readonly object[]): string => {
      const file = join(world.directory, name);
      writeFileSync(file, documents.map((document) => JSON.stringify(document)).join('\n---\n'));
      return file;
    };
    const local = ['--repo', `${world.repository.url}=${fileURLToPath(world.repository.url)}`];
    const offline = ['--clusters', write('clusters.yaml', clusters), ...local];
    const failed: string[] = [];
    for (const set of sets(world.repository.url)) {
      const { name } = (set as { metadata: { name: string } }).metadata;
      const file = write(`${name}.yaml`, [set]);
      for (const command of ['generate', 'trace', 'plan']) {
        const args = ['appset', command, '-f', file, '-o', 'json'];
        const ask = (more: string[]) => answerOf(runFlotilla(world.hub.facts, [...args, ...more]));
        const [answered, alone] = await Promise.all([ask([]), ask(offline)]);
        expect(answered, `${command} of ${name}`).toEqual(alone);
        if (answered.faults.length > 0) failed.push(`${command} ${name}`);
      }
    }
    expect(failed).toEqual([
      'generate clashing',
      'trace clashing',
      'plan clashing',
      'generate shared',
      'generate refused',
      'trace refused',
      'plan refused',
    ]);
  } finally {
    await end(world);
  }
});
