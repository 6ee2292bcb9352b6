import type { ApplicationSet } from '@flotilla/contracts';
import { ForbiddenError } from '@flotilla/kernel';
import { describe, expect, test } from 'vitest';
import { expandSet } from '../expand/expand-set.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import type { GeneratorPorts } from './generator.js';

const LOCAL = 'https://kubernetes.default.svc';
const clusters = [
  clusterEntry('dev-a', { env: 'dev' }),
  clusterEntry('prod-a', { env: 'prod', secret: 'codename' }),
  clusterEntry('dev-b'),
];
const asked: (string | undefined)[] = [];

/** A fleet in which project `team` may use dev clusters and one repository. */
function ports(known = clusters): GeneratorPorts {
  const open = memoryPorts({ clusters: known, files: { 'apps/one/x': '' } });
  asked.length = 0;
  return {
    ...open,
    ofProject: (project) => {
      asked.push(project);
      if (project === 'foreign') throw new ForbiddenError('sets of namespace argocd may not use AppProject foreign');
      if (project !== 'team') return open;
      const scope = {
        project,
        refuseCluster: ({ name }: { name: string }) => (name.startsWith('dev-') ? undefined : 'not permitted'),
        refuseRepository: (repoURL: string) => (repoURL === 'https://g/own' ? undefined : `repository ${repoURL} is not permitted`),
      };
      return { ...open, scope };
    },
  };
}

const template = (project: string) => ({
  metadata: { name: '{{name}}' },
  spec: { project, source: { repoURL: 'https://g/r', path: 'p' }, destination: { name: '{{name}}' } },
});
async function expand(generators: Record<string, unknown>[], project = 'team', known = clusters) {
  const set: ApplicationSet = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'apps', namespace: 'argocd' },
    spec: { generators, template: template(project) },
  };
  const { applications, warnings } = await expandSet(set, ports(known));
  return { names: applications.map(({ name }) => name), warnings: warnings.join('\n') };
}

describe('generators of a project', () => {
  test('see its clusters alone; the others are counted and neither they nor their labels are named', async () => {
    const all = await expand([{ clusters: {} }]);
    expect(all.names).toEqual(['dev-a', 'dev-b']);
    expect(all.warnings).toContain('1 cluster that it selects is not permitted by AppProject team and left out');
    const hidden = await expand([{ clusters: { selector: { matchLabels: { secret: 'x' } } } }]);
    expect(hidden.names).toEqual([]);
    expect(all.warnings + hidden.warnings).not.toMatch(/codename|prod-a/);
    expect((await expand([{ clusters: {} }], 'default')).names).toEqual(['dev-a', 'dev-b', 'in-cluster', 'prod-a']);
  });

  test('do not get the hub’s own cluster by another name when its registration is refused', async () => {
    const { names } = await expand([{ clusters: {} }], 'team', [clusterEntry('hub', {}, LOCAL), clusterEntry('dev-a')]);
    expect(names).toEqual(['dev-a']);
  });

  test('see them inside a matrix and a merge too', async () => {
    const child = { clusters: {} };
    const list = { list: { elements: [{ name: 'dev-a', x: '1' }] } };
    expect((await expand([{ merge: { mergeKeys: ['name'], generators: [child, list] } }])).names).toEqual(['dev-a', 'dev-b']);
    expect((await expand([{ matrix: { generators: [{ list: { elements: [{ x: '1' }] } }, child] } }])).names).toEqual(['dev-a', 'dev-b']);
  });

  test('read its repositories alone: another one is an error, not "nothing there"', async () => {
    const git = (repoURL: string) => ({ git: { repoURL, directories: [{ path: 'apps/*' }], values: { name: 'x' } } });
    const named = { template: { metadata: { name: '{{path.basename}}' }, spec: { destination: { name: 'dev-a' } } } };
    expect((await expand([{ git: { ...git('https://g/own').git, ...named } }])).names).toEqual(['one']);
    await expect(expand([git('https://g/other')])).rejects.toMatchObject({
      code: 'generator-forbidden',
      message: 'generators[0].git: repository https://g/other is not permitted',
    });
  });

  test('are those of the project in the generator’s own template, where it has one', async () => {
    const own = { clusters: { template: { metadata: { name: 'own-{{name}}' }, spec: { project: 'default' } } } };
    expect((await expand([own, { clusters: {} }])).names).toEqual([
      'dev-a',
      'dev-b',
      'own-dev-a',
      'own-dev-b',
      'own-in-cluster',
      'own-prod-a',
    ]);
    expect(asked).toEqual(['default', 'team']);
  });

  test('of a project the set may not use are an error of the whole set; a templated project is asked for as such', async () => {
    await expect(expand([{ clusters: {} }], 'foreign')).rejects.toMatchObject({
      code: 'generator-forbidden',
      message: expect.stringContaining('generators[0].clusters: sets of namespace argocd may not use'),
    });
    await expand([{ clusters: {} }], '{{name}}');
    expect(asked).toEqual([undefined]);
  });
});
