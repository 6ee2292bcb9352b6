import { describe, expect, test } from 'vitest';
import { makeBundle, parseBundle, parseObjectBlob } from './index.js';

const hmac = (text: string): string => `${'a'.repeat(56)}${text.length.toString(16).padStart(8, '0')}`;
const config = (name: string, annotations?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, annotations },
  data: { k: 'v' },
});
const make = (...objects: unknown[]) =>
  makeBundle(
    objects.map((object, i) => ({ object, origin: `file-${i}.yaml` })),
    hmac,
  );

describe('a bundle', () => {
  test('is the same whatever order its objects and their members come in', () => {
    const one = make(config('a'), config('b'));
    const other = make({ kind: 'ConfigMap', data: { k: 'v' }, metadata: { name: 'b' }, apiVersion: 'v1' }, config('a'));
    expect(other.digest).toBe(one.digest);
    expect(one.bundle.items.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('reads waves, hooks and options, and puts objects in apply order', () => {
    const hook = config('hook', { 'argocd.argoproj.io/hook': 'PostSync', 'argocd.argoproj.io/sync-wave': '-3' });
    const late = config('late', { 'argocd.argoproj.io/sync-wave': '2', 'argocd.argoproj.io/sync-options': 'Prune=false, Replace=true' });
    const { bundle } = make(hook, late, config('plain'));
    expect(bundle.items.map(({ name, wave, hook: types, options }) => [name, wave, types, options])).toEqual([
      ['plain', 0, undefined, undefined],
      ['late', 2, undefined, ['Prune=false', 'Replace=true']],
      ['hook', -3, ['PostSync'], undefined],
    ]);
  });

  test('seals Secrets under a digest of its own and stores equal content once', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { password: 'canary' } };
    const { bundle, blobs, digest } = make(secret, config('a'));
    const item = bundle.items.find(({ kind }) => kind === 'Secret');
    expect(item).toMatchObject({ sealed: true, digest: hmac(blobs.find(({ sealed }) => sealed)!.text) });
    expect(
      blobs
        .filter(({ sealed }) => !sealed)
        .map(({ text }) => text)
        .join(),
    ).not.toContain('canary');
    expect(blobs.at(-1)?.digest).toBe(digest);
  });

  test('reads back, and refuses any other content', () => {
    const { bundle, blobs, digest } = make(config('a'));
    expect(parseBundle(blobs.at(-1)!.text, digest)).toEqual(bundle);
    expect(parseObjectBlob(blobs[0]!.text, blobs[0]!.digest).metadata.name).toBe('a');
    expect(() => parseBundle(blobs.at(-1)!.text.replace('"a"', '"b"'), digest)).toThrow('has content of digest');
  });

  test('refuses two objects of one identity, naming both places', () => {
    expect(() => make(config('a'), { ...config('a'), data: { other: 'x' } })).toThrow(/\/ConfigMap\/\/a .*file-0.yaml and file-1.yaml/);
  });

  test('refuses what is no object, naming the file and the field', () => {
    expect(() => make('text')).toThrow('file-0.yaml: not a Kubernetes object');
    expect(() => make({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} })).toThrow('file-0.yaml: ConfigMap has no metadata.name');
    expect(() => make({ kind: 'ConfigMap', metadata: { name: 'a' } })).toThrow('has no apiVersion');
    expect(() => make({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a/b' } })).toThrow('readable name');
  });

  test('counts the same name in two namespaces as two objects', () => {
    const placed = (namespace: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace } });
    expect(make(placed('x'), placed('y')).bundle.items).toHaveLength(2);
  });
});
