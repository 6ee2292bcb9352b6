import { expect, test } from 'vitest';
import { brokerForm, makeBundle, objectsOf, parseBundle } from './index.js';

const object = (apiVersion: string, kind: string, name: string, annotations?: Record<string, string>) => ({
  apiVersion,
  kind,
  metadata: { name, annotations },
});
const make = (...objects: unknown[]) =>
  makeBundle(
    objects.map((one) => ({ object: one })),
    () => 'a'.repeat(64),
  );
const external = object('external-secrets.io/v1', 'ExternalSecret', 'db', { 'argocd.argoproj.io/sync-wave': '-1' });
const sealed = object('bitnami.com/v1alpha1', 'SealedSecret', 'tls');
const plain = object('v1', 'ConfigMap', 'web');

test('a bundle whose secrets come from the broker names what asks for them as references, and their blobs stay the same', () => {
  const made = make(external, sealed, plain);
  const form = brokerForm(made.bundle)!;
  expect(form.bundle.items.map(({ name }) => name)).toEqual(['web']);
  expect(form.bundle.references?.map(({ kind, name, wave }) => [kind, name, wave])).toEqual([
    ['ExternalSecret', 'db', -1],
    ['SealedSecret', 'tls', 0],
  ]);
  expect(new Set(objectsOf(form.bundle))).toEqual(new Set(made.bundle.items));
  expect(parseBundle(form.blob.text, form.digest)).toEqual(form.bundle);
  expect(brokerForm(made.bundle)?.digest).toBe(form.digest);
});

test('stores are left out and named, since the hub keeps them', () => {
  const store = object('external-secrets.io/v1beta1', 'SecretStore', 'vault');
  const form = brokerForm(make(store, object('external-secrets.io/v1', 'ClusterSecretStore', 'all'), plain).bundle)!;
  expect(form.stores).toEqual(['ClusterSecretStore/all', 'SecretStore/vault']);
  expect(form.bundle).toMatchObject({ items: [{ name: 'web' }] });
  expect(form.bundle).not.toHaveProperty('references');
});

test('a bundle without such objects has no other form, nor does one of another group or a hook make one', () => {
  const hook = object('external-secrets.io/v1', 'ExternalSecret', 'db', { 'argocd.argoproj.io/hook': 'PreSync' });
  expect(brokerForm(make(plain, object('example.org/v1', 'ExternalSecret', 'other'), hook).bundle)).toBeUndefined();
});
