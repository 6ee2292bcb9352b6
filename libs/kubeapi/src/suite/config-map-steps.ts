import { get, patch, post, put, type RequestStep, remove, table } from './request-step.js';

const APPLY = '?fieldManager=applier';

/** Where the steps write. */
interface Place {
  all: string;
  one: string;
}

type ConfigMap = Record<string, unknown>;

function map(name: string, rest: ConfigMap = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...rest };
}

/** Writes, refusals, patches, lists and watches of a kind without status. The namespace must exist and be empty of config maps. */
export function configMapSteps(namespace: string): RequestStep[] {
  const all = `/api/v1/namespaces/${namespace}/configmaps`;
  const place = { all, one: `${all}/settings` };
  return [
    ...writeSteps(place),
    ...readSteps(place),
    ...patchSteps(place),
    ...applySteps(place),
    ...listSteps(place),
    ...watchSteps(place),
    ...deleteSteps(place),
    ...strayingSteps(namespace),
  ];
}

function writeSteps({ all }: Place): RequestStep[] {
  return [
    get('list an empty collection', all, { capture: { start: 'metadata.resourceVersion' } }),
    post('create', all, map('settings', { metadata: { name: 'settings', labels: { app: 'web' } }, data: { color: 'red' } }), {
      capture: { created: 'metadata.resourceVersion' },
    }),
    post('create again', all, map('settings')),
    post('create with a bad name and a bad key', all, map('A_b', { data: { 'a b': 'x' } })),
    post('create without a name', all, map('', { metadata: {} })),
    post('create in another namespace than the path', all, map('other', { metadata: { name: 'other', namespace: 'elsewhere' } })),
    post('create in a missing namespace', '/api/v1/namespaces/missing/configmaps', map('lost')),
    post(
      'create with unknown fields, strictly',
      `${all}?fieldValidation=Strict`,
      map('strict', { bar: 1, metadata: { name: 'strict', foo: 1 } }),
    ),
    post(
      'create with a duplicate field, strictly',
      `${all}?fieldValidation=Strict`,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}',
    ),
    post('create with unknown fields, warned', `${all}?dryRun=All&fieldValidation=Warn`, map('warned', { bar: 1 })),
    post('create with a number for a text', all, map('typed', { data: { a: 1 } })),
    post('create with a list for a map', all, map('typed', { data: ['a'] })),
    post('create with a text for a truth value', all, map('typed', { immutable: 'yes' })),
    post('create with a number for a label', all, map('typed', { metadata: { name: 'typed', labels: { a: 1 } } })),
    post('create as a dry run', `${all}?dryRun=All`, map('dry', { data: { a: 'b' } })),
    get('a dry run stores nothing', `${all}/dry`),
    post('an unknown dry run', `${all}?dryRun=Some`, map('dry')),
    post('an unknown field validation', `${all}?fieldValidation=Some`, map('dry')),
  ];
}

function readSteps({ all, one }: Place): RequestStep[] {
  return [
    post('a body of another media type', all, 'a', { headers: { 'content-type': 'text/plain' } }),
    get('get', one),
    get('get what is not there', `${all}/absent`),
    get('a subresource that is not there', `${one}/status`),
    post('create on an object', one, map('settings')),
    put('replace with a stale version', one, map('settings', { metadata: { name: 'settings', resourceVersion: '1' } })),
    put('replace under another name', one, map('other')),
    put('replace what is not there', `${all}/absent`, map('absent')),
    put(
      'replace',
      one,
      map('settings', { metadata: { name: 'settings', resourceVersion: '{created}' }, data: { color: 'blue', size: 'm' } }),
    ),
    put('replace with the same content', one, map('settings', { data: { color: 'blue', size: 'm' } })),
  ];
}

function patchSteps({ all, one }: Place): RequestStep[] {
  return [
    patch('merge patch', 'merge', one, { metadata: { labels: { tier: 'front' } }, data: { size: null, shape: 'round' } }),
    patch('merge patch that changes the name', 'merge', one, { metadata: { name: 'other' } }),
    patch('merge patch on a stale version', 'merge', one, { metadata: { resourceVersion: '1' } }),
    patch('merge patch of a list', 'merge', one, []),
    patch('merge patch of what is not there', 'merge', `${all}/absent`, { data: {} }),
    patch('json patch', 'json', one, [
      { op: 'test', path: '/data/color', value: 'blue' },
      { op: 'replace', path: '/data/color', value: 'green' },
    ]),
    patch('json patch whose test fails', 'json', one, [{ op: 'test', path: '/data/color', value: 'blue' }]),
    patch('json patch that removes nothing', 'json', one, [{ op: 'remove', path: '/data/absent' }]),
    patch('json patch that is no list', 'json', one, { op: 'remove' }),
    patch('strategic merge patch', 'strategic', one, { data: { weight: '3' } }),
    patch('strategic merge patch with force', 'strategic', `${one}?force=true`, { data: { weight: '3' } }),
    patch('a patch of no known type', 'merge', one, {}, { headers: { 'content-type': 'application/json' } }),
    post('create with one label', all, map('bare', { metadata: { name: 'bare', labels: { only: 'one' }, annotations: {} } })),
    patch('merge patch that takes the last label away', 'merge', `${all}/bare`, { metadata: { labels: { only: null } } }),
    remove('delete what has no label left', `${all}/bare`),
  ];
}

function applySteps({ all, one }: Place): RequestStep[] {
  return [
    patch('apply without a manager', 'apply', one, map('settings', { data: { weight: '4' } })),
    patch('apply with a conflict', 'apply', one + APPLY, map('settings', { data: { weight: '4' } })),
    patch('apply with two conflicts', 'apply', one + APPLY, map('settings', { data: { weight: '4', color: 'black' } })),
    patch('apply with force', 'apply', `${one + APPLY}&force=true`, map('settings', { data: { weight: '4', extra: 'y' } })),
    patch('apply without a field applied before', 'apply', one + APPLY, map('settings', { data: { weight: '4' } })),
    patch('apply the same again', 'apply', one + APPLY, map('settings', { data: { weight: '4' } })),
    patch('apply an unknown field', 'apply', one + APPLY, map('settings', { dota: {} })),
    patch('apply another kind', 'apply', one + APPLY, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'settings' } }),
    patch('apply under another name', 'apply', one + APPLY, map('other')),
    patch('apply as a dry run', 'apply', `${one + APPLY}&dryRun=All`, map('settings', { data: { weight: '5' } })),
    patch(
      'apply creates',
      'apply',
      `${all}/applied${APPLY}`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: applied\ndata:\n  a: "1"\n',
    ),
  ];
}

function listSteps({ all }: Place): RequestStep[] {
  return [
    get('list', all),
    get('list by label', `${all}?labelSelector=app%3Dweb,tier%20in%20(front,back)`),
    get('list by name', `${all}?fieldSelector=metadata.name%3Dapplied`),
    get('list by an unknown field', `${all}?fieldSelector=spec.x%3D1`),
    get('list a first page', `${all}?limit=1`, { capture: { next: 'metadata.continue' } }),
    get('list the next page', `${all}?limit=1&continue={next}`),
    get('list from the future', `${all}?resourceVersion=99999999`),
    get('list with a match but no version', `${all}?resourceVersionMatch=Exact`),
    get('list of metadata only', all, { headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' } }),
  ];
}

function watchSteps({ all, one }: Place): RequestStep[] {
  return [
    table('table of the collection', all),
    table('table of one', one),
    get('an unacceptable representation', one, { headers: { accept: 'text/html' } }),
    get('watch from before', `${all}?watch=1&timeoutSeconds=1&resourceVersion={start}`),
    get('watch by label from before', `${all}?watch=1&timeoutSeconds=1&resourceVersion={start}&labelSelector=tier%3Dfront`),
    get(
      'watch with initial events',
      `${all}?watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    ),
    get('watch with initial events but no match', `${all}?watch=1&timeoutSeconds=1&sendInitialEvents=true`),
    table('watch as a table', `${all}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dapplied`),
  ];
}

function deleteSteps({ all, one }: Place): RequestStep[] {
  return [
    remove('delete with another uid', one, { preconditions: { uid: 'other' } }),
    remove('delete with a stale version', one, { preconditions: { resourceVersion: '1' } }),
    remove('delete with an unknown policy', `${one}?propagationPolicy=Some`),
    remove('delete as a dry run', `${one}?dryRun=All`),
    remove('delete', one),
    remove('delete what is gone', one),
    post('create with a finalizer', all, map('held', { metadata: { name: 'held', finalizers: ['example.dev/hold'] } })),
    remove('delete with a finalizer', `${all}/held`),
    patch('release the finalizer', 'merge', `${all}/held`, { metadata: { finalizers: null } }),
    get('the released is gone', `${all}/held`),
    post('create from a prefix', all, map('', { metadata: { generateName: 'made-', labels: { batch: 'x' } } })),
    remove('delete a selected collection', `${all}?labelSelector=batch%3Dx`),
    remove('delete the collection', all, undefined, { isQuiet: true }),
    patch('patch of a collection', 'merge', all, {}),
  ];
}

function strayingSteps(namespace: string): RequestStep[] {
  return [get('a resource that is not there', `/api/v1/namespaces/${namespace}/nothings`)];
}
