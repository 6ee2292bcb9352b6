import { MANAGED_LABEL } from '@flotilla/kube';
import { describe, expect, test } from 'vitest';
import { denialOf } from './allow-list.js';
import { type AppRecord, newAppRecord, readAppRecord, writeAppRecord } from './app-record.js';
import { findContest, recordCorrection } from './contest.js';
import { ignoredPaths, ignoreRulesFor, isSameBut, unreadablePaths } from './ignore-rules.js';
import { keepLiveValues, prepareObject } from './prepare-object.js';
import { resolveItems } from './resolve-items.js';
import { applied, desired, info, item } from './testing.js';

describe('the parts of a plan', () => {
  test('resolve namespaces, and spare both forms of a kind nobody serves', () => {
    const digest = 'd'.repeat(64);
    const bundle = {
      items: [
        { group: '', version: 'v1', kind: 'ConfigMap', namespace: '', name: 'a', digest, wave: 0 },
        { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'web', digest, wave: 3 },
        { group: 'x.org', version: 'v1', kind: 'Widget', namespace: '', name: 'w', digest, wave: 0 },
        { group: '', version: 'v1', kind: 'ConfigMap', namespace: '', name: 'h', digest, wave: 0, hook: ['PreSync'] },
      ],
    };
    const kinds = (_apiVersion: string, kind: string) =>
      kind === 'Widget' ? undefined : { ...info, kind, namespaced: kind !== 'Namespace' };
    const { items, hooks, keys } = resolveItems(bundle.items, 'web', kinds);
    expect(items.map(({ key, wave }) => `${wave} ${key}`)).toEqual(['0 /Namespace//web', '0 /ConfigMap/web/a', '0 x.org/Widget/web/w']);
    expect(hooks.map(({ key }) => key)).toEqual(['/ConfigMap/web/h']);
    expect(keys.has('x.org/Widget//w') && keys.has('x.org/Widget/web/w') && keys.has('/ConfigMap/web/h')).toBe(true);
  });

  test('read ignoreDifferences with Argo CD’s globs, jq expressions, and managers', () => {
    const rules = [
      { group: '*', kind: 'Deploy*', jsonPointers: ['/spec/replicas'], jqPathExpressions: ['.spec.paused', '.spec.x[] | to_entries'] },
      { kind: 'ConfigMap', managedFieldsManagers: ['hpa'] },
    ];
    const found = ignoreRulesFor(rules, { group: 'apps', kind: 'Deployment', namespace: 'n', name: 'x' });
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: { replicas: 1, paused: true } };
    expect(ignoredPaths(found!, deployment)).toEqual([
      ['spec', 'replicas'],
      ['spec', 'paused'],
    ]);
    expect(ignoreRulesFor(rules, { group: 'apps', kind: 'ConfigMap', namespace: 'n', name: 'x' })).toBeUndefined();
    expect(unreadablePaths(rules)).toEqual([expect.stringContaining('to_entries is not among')]);
    const managedFields = [{ manager: 'hpa', fieldsV1: { 'f:data': { 'f:a/b': {} } } }];
    const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', managedFields } };
    expect(ignoredPaths({ pointers: [], expressions: [], managers: ['hpa'] }, live)).toEqual([['data', 'a/b']]);
  });

  test('leave out of a comparison what jq expressions name, on both sides, and keep it where it is respected', () => {
    const webhook = (name: string, caBundle?: string) => ({ name, clientConfig: { url: name, ...(caBundle ? { caBundle } : {}) } });
    const hooks = (...webhooks: unknown[]) => ({ apiVersion: 'v1', kind: 'Hooks', metadata: { name: 'x' }, webhooks });
    const wanted = hooks(webhook('a', 'old'), webhook('b'));
    const live = hooks(webhook('b', 'two'), webhook('a', 'one'), webhook('injected', 'three'));
    const rulesOf = (...jqPathExpressions: string[]) =>
      ignoreRulesFor([{ kind: 'Hooks', jqPathExpressions }], { group: '', kind: 'Hooks', namespace: '', name: 'x' })!;
    expect(isSameBut(undefined, wanted, live)).toBe(false);
    const bundles = rulesOf('.webhooks[].clientConfig.caBundle');
    expect(isSameBut(bundles, wanted, live)).toBe(true);
    expect(isSameBut(bundles, hooks(webhook('c')), live)).toBe(false);
    expect(isSameBut(rulesOf('.webhooks[] | select(.name == "c")'), hooks(webhook('a', 'one'), webhook('c')), live)).toBe(true);
    expect(keepLiveValues(wanted, live, ignoredPaths(bundles, live)).webhooks).toEqual([webhook('a', 'one'), webhook('b', 'two')]);
  });

  test('prepare an object: placed, stamped, without status, stringData folded, replicas left to the autoscaler', () => {
    const context = { app: { namespace: 'argocd', name: 'shop' }, fleet: 'f', isAutoscaled: true, leaveAlone: [] };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', uid: 'x' },
      stringData: { a: 'b' },
      spec: { replicas: 3 },
      status: {},
    };
    const sent = prepareObject(secret, item('s', { kind: 'Secret' }), context);
    expect(sent).toMatchObject({ metadata: { namespace: 'web', labels: { [MANAGED_LABEL]: 'f' } }, data: { a: 'Yg==' }, spec: {} });
    expect(Object.keys(sent)).not.toContain('status');
    expect(sent.metadata.uid).toBeUndefined();
    const live = { ...sent, data: { a: 'live' } };
    expect(
      keepLiveValues(sent, live, [
        ['data', 'a'],
        ['data', 'none'],
      ]).data,
    ).toEqual({ a: 'live' });
  });

  test('find a contest only when the same manager takes the same fields back in time', () => {
    const fields = (manager: string, operation: string, ...names: string[]) => ({
      manager,
      operation,
      fieldsV1: { 'f:data': Object.fromEntries(names.map((n) => [`f:${n}`, {}])) },
    });
    const taken = { name: 'a', managedFields: [fields('flotilla', 'Apply', 'b'), fields('rival', 'Update', 'a')] };
    const ours = { name: 'a', managedFields: [fields('flotilla', 'Apply', 'a', 'b')] };
    const correction = recordCorrection(undefined, taken, ours, 1_000);
    expect(correction).toMatchObject({ takers: ['rival'], count: 1 });
    expect(findContest(correction, taken, 20_000)).toEqual({ manager: 'rival', fields: ['f:data\0f:a'] });
    expect(findContest(correction, taken, 40_000)).toBeUndefined();
    const other = { name: 'a', managedFields: [fields('flotilla', 'Apply', 'b'), fields('somebody', 'Update', 'a')] };
    expect(findContest(correction, other, 2_000)).toBeUndefined();
    expect(findContest(undefined, taken, 0)).toBeUndefined();
  });

  test('hold to the spoke’s own allow-list', () => {
    const configMap = { group: '', kind: 'ConfigMap', namespace: 'web' };
    expect(denialOf({}, configMap)).toBeUndefined();
    expect(denialOf({ namespaces: ['web'] }, configMap)).toBeUndefined();
    expect(denialOf({ namespaces: ['other'] }, configMap)).toContain('namespace web');
    expect(denialOf({ kinds: ['apps/Deployment'] }, configMap)).toContain('/ConfigMap');
    expect(denialOf({ namespaces: ['web'] }, { group: '', kind: 'Node', namespace: '' })).toContain('cluster-scoped');
    expect(denialOf({ namespaces: ['web'], kinds: ['/Node'] }, { group: '', kind: 'Node', namespace: '' })).toBeUndefined();
  });

  test('survive a restart: a record reads back as it was', () => {
    const record: AppRecord = { ...newAppRecord(desired()), objects: new Map([['k', applied(item('a'))]]), asked: 'op' };
    expect(readAppRecord(writeAppRecord(record))).toEqual(record);
    expect(readAppRecord('[]')).toBeUndefined();
  });
});
