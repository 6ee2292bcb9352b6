import { describe, expect, test } from 'vitest';
import { exitCodeOf, HubError, NotLoggedInError, WaitTimeoutError } from '../cli.errors.js';
import { pairs, place } from '../context.js';
import { runCli } from '../testing.js';

const application = (name: string, sync = 'Synced', health = 'Healthy') => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { project: 'default', destination: { name: 'dev-eu', namespace: 'web' } },
  status: { sync: { status: sync, revision: '0123456789abcdef' }, health: { status: health } },
});

describe('a list', () => {
  const pages = { listApplications: [{ items: [application('a')], continue: 'more' }, { items: [application('b', 'OutOfSync')] }] };

  test('is a table of all pages, wider on request', async () => {
    const { out, calls } = await runCli(['app', 'list', '-l', 'tier=front'], { listApplications: [...pages.listApplications] });
    expect(out.split('\n')).toEqual([
      'NAME   CLUSTER   SYNC        HEALTH    REVISION   MESSAGE',
      'a      dev-eu    Synced      Healthy   01234567   -',
      'b      dev-eu    OutOfSync   Healthy   01234567   -',
      '',
    ]);
    expect(calls.map(({ options }) => options?.query)).toMatchObject([{ selector: 'tier=front' }, { continue: 'more' }]);
    expect((await runCli(['app', 'ls', '-o', 'wide'], { listApplications: [...pages.listApplications] })).out).toMatch(
      /PROJECT +UNKNOWN SINCE/,
    );
  });

  test('is JSON, YAML or names for scripts', async () => {
    const one = { listApplications: { items: [application('a')] } };
    expect(JSON.parse((await runCli(['app', 'list', '-o', 'json'], one)).out)).toEqual([application('a')]);
    expect((await runCli(['app', 'list', '-o', 'yaml'], one)).out).toContain('name: a');
    expect((await runCli(['app', 'list', '-o', 'name'], one)).out).toBe('application.argoproj.io/a\n');
    await expect(runCli(['app', 'list', '-o', 'xml'], one)).rejects.toThrow(/choose one of table, wide, json, yaml, name/);
  });
});

describe('an application', () => {
  test('is diffed field by field, with an exit code that says so', async () => {
    const items = [
      {
        key: 'apps/Deployment/web/web',
        state: 'changed',
        health: 'Healthy',
        differences: [{ pointer: '/spec/replicas', desired: 2, live: 1 }],
      },
      { key: '/ConfigMap/web/old', state: 'prune' },
    ];
    const { out, exitCode } = await runCli(['app', 'diff', 'web'], { diffApplication: { items } });
    expect(out).toMatch(/apps\/Deployment\/web\/web +changed +Healthy\n\/ConfigMap\/web\/old +prune/);
    expect(out).toContain('  /spec/replicas: 1 -> 2');
    expect(exitCode).toBe(1);
    const same = await runCli(['app', 'diff', 'web'], { diffApplication: { items: [{ differences: [] }] } });
    expect([same.out, same.exitCode]).toEqual(['live objects are as desired\n', 0]);
  });

  test('is shown as a tree, every object below its owner', async () => {
    const node = (kind: string, name: string, parents: string[] = []) => ({
      group: 'apps',
      kind,
      namespace: 'web',
      name,
      uid: name,
      parents,
    });
    const nodes = [
      node('Pod', 'web-1-x', ['web-1']),
      node('Deployment', 'web'),
      node('ReplicaSet', 'web-1', ['web']),
      node('Service', 'svc'),
    ];
    const { out } = await runCli(['app', 'tree', 'web'], { treeApplication: { items: [{ nodes }] } });
    expect(out.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
      'OBJECT',
      'Deployment/web',
      '. ReplicaSet/web-1',
      '. . Pod/web-1-x',
      'Service/svc',
      '',
    ]);
  });

  test('is waited for until it is settled, or not longer than asked', async () => {
    const getApplication = [application('web', 'OutOfSync'), application('web', 'Synced', 'Progressing'), application('web')];
    const { out, calls } = await runCli(['app', 'sync', 'team/web', '--wait'], { syncApplication: { message: 'started' }, getApplication });
    expect(out).toBe('started\nweb is done\n');
    expect(calls[0]).toMatchObject({ id: 'syncApplication', options: { parameters: { namespace: 'team', name: 'web' } } });
    await expect(runCli(['app', 'wait', 'web', '--timeout', '3s'], { getApplication: application('web', 'Unknown') })).rejects.toThrow(
      /waited 3s for web.*Unknown/,
    );
  });
});

test('a set is generated with its warnings on the error stream', async () => {
  const generateStoredSet = { applications: [application('web')], warnings: ['w'], held: [], heldCount: 0 };
  const { out, error } = await runCli(['appset', 'generate', 'apps'], { generateStoredSet });
  expect([out.includes('web    dev-eu'), error]).toEqual([true, 'Warning: apps: w\n']);
});

test('a rollout plan says what changes where, and what is held', async () => {
  const planRollout = {
    owner: 'apps',
    summary: '1 object changes on 2 clusters',
    warnings: [],
    stages: [{ name: 'prod', approval: true, clusters: ['a', 'b'] }],
    changes: [{ clusters: ['a', 'b'], objects: [{ action: 'change', key: 'apps/Deployment/web/web' }] }],
    deletions: ['old'],
    held: true,
  };
  const { out } = await runCli(['rollout', 'plan', 'apps'], { planRollout });
  expect(out).toBe(
    '1 object changes on 2 clusters\n  1. prod (after approval): a, b\nOn a, b:\n  ~ apps/Deployment/web/web\nApplications that would go (HELD): old\n',
  );
  const applications = { create: ['new'], change: ['web'], delete: ['gone'], held: ['old', 'older'] };
  const told = await runCli(['rollout', 'plan', 'apps'], { planRollout: { ...planRollout, applications } });
  expect(told.out).toContain(
    'Applications it would create: new\nApplications it would change: web\nApplications it would delete: gone\nDeletions HELD by the guard: old, older\n',
  );
});

test('a refused command line names the mistake', async () => {
  await expect(runCli(['app', 'lst'])).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining("unknown command 'lst'") });
  await expect(runCli(['app', 'get', 'a/b/c'])).rejects.toThrow('neither NAME nor NAMESPACE/NAME');
});

test('exit codes tell scripts what went wrong', () => {
  expect(exitCodeOf(new NotLoggedInError('x'))).toBe(3);
  expect(exitCodeOf(new HubError(401, 'unauthenticated', 'x'))).toBe(3);
  expect(exitCodeOf(new WaitTimeoutError('x'))).toBe(4);
  expect(exitCodeOf(new HubError(404, 'not-found', 'x'))).toBe(1);
});

test('names and pairs are read as they are written', () => {
  expect(place('web')).toEqual({ namespace: 'argocd', name: 'web' });
  expect(place('team/web')).toEqual({ namespace: 'team', name: 'web' });
  expect(() => place('/web')).toThrow('neither NAME');
  expect(pairs(['a=b,c=d', 'e=f=g'])).toEqual({ a: 'b', c: 'd', e: 'f=g' });
  expect(pairs([])).toBeUndefined();
  expect(() => pairs(['a'])).toThrow('is not KEY=VALUE');
});
