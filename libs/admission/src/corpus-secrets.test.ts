import { describe, expect, test } from 'vitest';
import { admit } from './index.js';
import { expectRows, oddities, type Row } from './testing/corpus-answer.js';

const file = (name: string, ...says: string[]): Row => ({ file: `secrets/${name}.yaml`, accepted: true, says });
const OLD = 'apiVersion external-secrets.io/v1beta1 is deprecated and read as external-secrets.io/v1';

/** The rows of oddities.json for secrets; the test's name is the oddity's id. What a missing store means is the broker's to say. */
const ROWS: Record<string, Row[]> = {
  S01: [
    file('000-sealed-app-secrets', 'encryptedData.database-password is not valid base64', 'encryptedData.api-key is not valid base64'),
    file('002-sealed-db-credentials', 'encryptedData.username is not valid base64'),
    file('004-sealed-db-credentials', 'encryptedData.DB_PASSWORD is not valid base64'),
  ],
  S02: [
    file(
      '002-sealed-db-credentials',
      'sealedsecrets.bitnami.com/managed is no scope, so the scope is strict; wider ones are sealedsecrets.bitnami.com/namespace-wide and sealedsecrets.bitnami.com/cluster-wide',
    ),
  ],
  S03: [
    '000-external-app-secrets',
    '001-external-db-credentials',
    '002-vault-clustersecretstore',
    '002-vault-secretstore',
    '002-external-db-credentials',
    '002-external-templated-connection-string',
    '002-aws-store-and-api-keys',
    '003-external-my-app-secrets',
    '003-aws-clustersecretstore',
    '004-external-db-credentials',
  ].map((name) => file(name, OLD)),
  S04: [
    file(
      '004-external-db-credentials',
      'remoteRef.key looks like a full resource name; use key: db-password, version: latest',
      'use key: db-username, version: latest',
    ),
  ],
  S05: ['000-external-app-secrets', '001-external-db-credentials', '004-external-db-credentials'].map((name) => file(name)),
};

describe('the oddities of secrets', () => {
  for (const [id, rows] of Object.entries(ROWS)) test(id, () => expectRows(rows));

  test('every row for these kinds has its answer here', () => {
    expect(Object.keys(ROWS)).toEqual(oddities.map(({ id }) => id).filter((id) => /^S\d/.test(id) && id !== 'S06'));
  });
});

const external = (spec: object) => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'db', namespace: 'shop' },
  spec: { secretStoreRef: { name: 'vault' }, data: [{ secretKey: 'password', remoteRef: { key: 'db' } }], ...spec },
});

test.each([
  [{ dataFrom: [{ find: { name: { regexp: '.*' } } }] }, 'spec.dataFrom[0].find'],
  [{ dataFrom: [{ sourceRef: { generatorRef: {} } }] }, 'spec.dataFrom[0].sourceRef'],
  [{ dataFrom: [{ extract: { key: 'a' }, rewrite: [{}] }] }, 'spec.dataFrom[0].rewrite'],
  [{ data: [{ secretKey: 'a', remoteRef: { key: 'k' }, sourceRef: { storeRef: { name: 'x' } } }] }, 'spec.data[0].sourceRef'],
  [{ data: [{ secretKey: 'a', remoteRef: { key: 'k', metadataPolicy: 'Fetch' } }] }, 'spec.data[0].remoteRef.metadataPolicy'],
  [{ target: { template: { templateFrom: [] } } }, 'spec.target.template.templateFrom'],
  [{ target: { template: { engineVersion: 'v1' } } }, 'spec.target.template.engineVersion'],
  [{ target: { creationPolicy: 'CreateOrMerge' } }, 'spec.target.creationPolicy'],
  [{ refreshInterval: 'soon' }, 'spec.refreshInterval'],
  [{ data: [] }, 'spec.data'],
  [{ secretStoreRef: { name: 'x', kind: 'VaultStore' } }, 'spec.secretStoreRef.kind'],
])('a field that would change the value and is not supported is refused by its name: %j', (spec, field) => {
  const { document, errors } = admit(external(spec));
  expect(document).toBeUndefined();
  expect(errors.map((error) => error.field)).toEqual([field]);
});

test('a policy that would delete on a provider’s word is stored as written, with a warning that it is read as Retain', () => {
  const { document, warnings } = admit(external({ target: { deletionPolicy: 'Delete' } }), { byService: true });
  expect(document?.spec).toMatchObject({ target: { deletionPolicy: 'Delete' } });
  expect(warnings).toEqual([expect.stringContaining('deletionPolicy Delete is read as Retain')]);
});

test('a store has exactly one provider', () => {
  const store = (provider: object) =>
    admit({ apiVersion: 'external-secrets.io/v1', kind: 'SecretStore', metadata: { name: 's', namespace: 'shop' }, spec: { provider } });
  expect(store({ vault: {} }).errors).toEqual([]);
  expect(store({}).errors).toEqual([expect.objectContaining({ field: 'spec.provider' })]);
  expect(store({ vault: {}, aws: {} }).errors).toEqual([expect.objectContaining({ message: expect.stringContaining('vault, aws') })]);
});

describe('the authority a store trusts', () => {
  const store = (kind: string, caProvider: unknown, name = 'vault', more: object = {}) =>
    admit({
      apiVersion: 'external-secrets.io/v1',
      kind,
      metadata: { name: 's', ...(kind === 'SecretStore' ? { namespace: 'shop' } : {}) },
      spec: { provider: { [name]: { ...more, caProvider } } },
    });
  const ca = { type: 'ConfigMap', name: 'ca', key: 'ca.crt' };

  test('is a Secret or ConfigMap: of a SecretStore in its own namespace, of a ClusterSecretStore in the one it names', () => {
    for (const [kind, caProvider] of [
      ['SecretStore', ca],
      ['SecretStore', { ...ca, type: 'Secret', namespace: 'shop' }],
      ['ClusterSecretStore', { ...ca, namespace: 'argocd' }],
    ] as const)
      expect(store(kind, caProvider)).toMatchObject({ errors: [], warnings: [] });
    expect(store('SecretStore', ca, 'webhook', { caBundle: 'eA==' }).warnings).toEqual([
      expect.stringContaining('caBundle goes before it'),
    ]);
  });

  test.each([
    ['ClusterSecretStore', ca, 'vault', 'spec.provider.vault.caProvider.namespace'],
    ['SecretStore', { ...ca, namespace: 'argocd' }, 'webhook', 'spec.provider.webhook.caProvider.namespace'],
    ['SecretStore', { ...ca, type: 'File' }, 'vault', 'spec.provider.vault.caProvider.type'],
    ['SecretStore', { type: 'Secret', name: 'ca' }, 'vault', 'spec.provider.vault.caProvider.key'],
    ['SecretStore', 'ca', 'vault', 'spec.provider.vault.caProvider'],
    ['SecretStore', ca, 'file', 'spec.provider.file.caProvider'],
  ])('of a %s as %j of provider %s is refused by name', (kind, caProvider, name, field) => {
    expect(store(kind, caProvider, name).errors.map((error) => error.field)).toEqual([field]);
  });
});

test('the annotation of projects is a key of ours, and a misspelt one is an error', () => {
  const store = (key: string) =>
    admit({
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: 's', namespace: 'shop', annotations: { [key]: 'team-*' } },
      spec: { provider: { vault: {} } },
    });
  expect(store('flotilla.dev/projects')).toMatchObject({ warnings: [], errors: [] });
  expect(store('flotilla.dev/project').errors).toEqual([
    expect.objectContaining({ message: expect.stringContaining('flotilla.dev/projects') }),
  ]);
});
