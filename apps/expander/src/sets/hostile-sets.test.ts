import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ResourceDocument } from '@flotilla/contracts';
import { digestBytes, ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { silentLogger } from '@flotilla/telemetry';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createExpander, type Expander } from '../create-expander.js';
import { createHosts } from '../inputs/host-inputs.js';
import type { StoredSet } from './stored-set.js';

const repoURL = 'https://git.example.com/fleet';
const key = (name: string) => ({ kind: 'ApplicationSet', namespace: 'argocd', name });
const list = (more: object = {}) => ({ list: { elements: [{ name: 'hostile-app', ...more }] } });
const template = (annotation: string, name: string) => ({
  metadata: { name, annotations: { x: annotation } },
  spec: { project: 'default', source: { repoURL, path: 'p' }, destination: { name: 'one', namespace: 'n' } },
});
const setOf = (name: string, spec: object): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name, namespace: 'argocd' },
  spec: { generators: [list()], template: template('', '{{name}}'), ...spec },
});
const git = (rest: object) => ({ generators: [{ git: { repoURL, ...rest } }] });
const anyFile = git({ files: [{ path: '*' }] });
const go = (annotation: string) => ({ goTemplate: true, template: template(annotation, '{{.name}}') });

let blobs: FakeBlobStore;
let bus: FakeMessageBus;
let store: FakeResourceStore;
let expander: Expander;

beforeEach(async () => {
  const clock = new ManualClock();
  [store, blobs, bus] = [new FakeResourceStore({ clock }), new FakeBlobStore(), new FakeMessageBus()];
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  const config = { concurrency: 1, allowAddresses: [], probeHost: '127.0.0.1', probePort: 0 };
  expander = createExpander(config, { store, blobs, bus, clock, logger: silentLogger, hosts });
  bus.serve('renderer', 'resolve', () => ({ refs: [{ repoURL, ref: 'HEAD', commit: 'c0ffee' }] }));
  const cluster = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name: 'one' }, spec: {} };
  await store.transaction({ actor: 'me' }, async (tx) => {
    for (const document of [cluster, setOf('hostile', {}), setOf('calm', { generators: [{ list: { elements: [{ name: 'calm-app' }] } }] })])
      await tx.create<ResourceDocument>(document);
  });
});
afterEach(() => expander.stop());

/** What the renderer gives for a listing: a value it stored, or its refusal. */
async function listing(verb: 'directories' | 'files', answer: unknown, error?: object): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(answer));
  await blobs.put([{ digest: digestBytes(bytes), bytes, sealed: false }]);
  bus.serve('renderer', verb, () => (error ? { error } : { digest: digestBytes(bytes) }));
}
const wake = (name: string) => expander.uses.wake(key(name), { signal: AbortSignal.timeout(5_000) });
async function failure(name: string): Promise<string | undefined> {
  const set = await store.get<StoredSet>(key(name));
  const condition = set?.status?.conditions?.find(({ type }) => type === 'ErrorOccurred');
  return condition?.status === 'True' ? `${condition.reason}: ${condition.message}` : condition && '';
}
const names = async () => (await store.list('Application')).items.map(({ metadata }) => metadata.name);

/** Each: what the set becomes, what its condition says, and what its repository holds. */
const HOSTILE: Record<string, [spec: object, says: string | RegExp, listed?: Parameters<typeof listing>]> = {
  'a template without an end': [
    go('{{until 1000000000}}'),
    /spec\.template: .*takes more than 1000000 steps \(parameters of generators\[0\]/,
  ],
  'a template that calls itself': [go('{{define "t"}}{{template "t" .}}{{end}}{{template "t" .}}'), 'spec.template: template: '],
  'a template of an endless text': [go('{{repeat 1000000000 "x"}}'), 'makes more than 16777216 characters of text'],
  'a template that digests for ever': [
    go('{{$x := repeat 4000000 "x"}}{{range until 9999}}{{$y := sha256sum $x}}{{end}}'),
    'takes more than 1000000 steps',
  ],
  'a regular expression that multiplies': [go(`{{mustRegexMatch "(a{1,1000}){1,1000}" "${'a'.repeat(100)}"}}`), 'error parsing regexp'],
  'a JSON file of 5 MB': [
    anyFile,
    'generators[0].git: big.json:1:1: the text has 5000008 characters; at most 4194304 are read',
    ['files', [{ path: 'big.json', text: `{"a":"${'x'.repeat(5_000_000)}"}` }]],
  ],
  'a JSON file of 50 MB, which the renderer refuses': [
    anyFile,
    /generators\[0\]\.git: the files of .*the file big\.json has 52428800 bytes/,
    ['files', [], { code: 'render-limit', message: 'the file big.json has 52428800 bytes' }],
  ],
  '100,000 files': [
    anyFile,
    /generators\[0\]\.git: the files of .* at c0ffee: the patterns select 100000 files/,
    ['files', [], { code: 'render-limit', message: 'the patterns select 100000 files' }],
  ],
  'a pathspec of many stars': [
    git({ files: [{ path: `:(glob)${'**/a/'.repeat(20)}b` }] }),
    'generators[0].git.files[0].path: a :(glob) pattern has at most 4 `**`',
  ],
  'a file that contains itself': [
    anyFile,
    "generators[0].git: a.yaml:1:14: the value of anchor 'a' contains itself",
    ['files', [{ path: 'a.yaml', text: 'a: &a {b: [ *a]}' }]],
  ],
  'elements that contain themselves': [
    { generators: [{ list: { elementsYaml: '- &a {b: *a}' } }] },
    /generators\[0\]\.list\.elementsYaml.*contains itself/,
  ],
  'a directory whose name is no text': [
    git({ directories: [{ path: '*' }] }),
    'the name "caf\ufffd" is not UTF-8; rename it, or leave it out by `exclude`',
    ['directories', ['caf\ufffd']],
  ],
};

describe('a hostile set is refused by name, keeps its applications and holds up no other: ', () => {
  for (const [title, [spec, says, listed]] of Object.entries(HOSTILE)) {
    test(title, async () => {
      await wake('hostile');
      await vi.waitFor(async () => expect(await names()).toEqual(['hostile-app']));
      if (listed) await listing(...listed);
      await store.transaction({ actor: 'me' }, async (tx) => {
        const set = (await tx.getForUpdate<StoredSet>(key('hostile')))!;
        await tx.update({ ...set, spec: { ...set.spec, ...spec } });
      });
      await Promise.all([wake('hostile'), wake('calm')]);
      await vi.waitFor(
        async () => expect([await failure('hostile'), await failure('calm')]).toEqual([expect.stringMatching(/./), '']),
        5_000,
      );
      expect(await failure('hostile')).toMatch(says);
      expect(await names()).toEqual(['calm-app', 'hostile-app']);
    });
  }

  test('keys that objects have by themselves are parameters like any other', async () => {
    const elements = JSON.parse('[{"name": "hostile-app", "__proto__": "x", "constructor": "y", "toString": "z"}]') as object[];
    await store.transaction({ actor: 'me' }, async (tx) => {
      const set = (await tx.getForUpdate<StoredSet>(key('hostile')))!;
      const spec = { generators: [{ list: { elements } }], template: template('{{__proto__}}-{{constructor}}-{{toString}}', '{{name}}') };
      await tx.update({ ...set, spec: { ...set.spec, ...spec } });
    });
    await Promise.all([wake('hostile'), wake('calm')]);
    await vi.waitFor(async () => expect(await names()).toEqual(['calm-app', 'hostile-app']));
    const made = await store.get({ kind: 'Application', namespace: 'argocd', name: 'hostile-app' });
    expect(made?.metadata.annotations?.x).toBe('x-y-z');
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});
