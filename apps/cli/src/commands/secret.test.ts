import { expect, test } from 'vitest';
import { runCli } from '../testing.js';

const version = 'ab12'.repeat(16);
const grant = {
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'SecretGrant',
  metadata: { namespace: 'argocd', name: 'shop-db' },
  spec: {
    project: 'shop',
    from: { kind: 'ExternalSecret', namespace: 'shop', name: 'db', digest: 'd' },
    target: { namespace: 'shop', name: 'db' },
  },
  status: {
    version,
    store: 'ClusterSecretStore/vault',
    since: '2026-01-01T00:00:00Z',
    refreshedAt: '2026-01-01T00:05:00Z',
    conditions: [{ type: 'Ready', status: 'False', reason: 'ProviderFailed', message: 'vault is sealed; the value is kept' }],
  },
};

test('the list shows stores, versions and what is wrong', async () => {
  const { out, calls } = await runCli(['secret', 'list', '-n', 'argocd', '-l', 'a=b', '-o', 'wide'], { listSecrets: { items: [grant] } });
  expect(calls).toMatchObject([{ id: 'listSecrets', options: { query: { namespace: 'argocd', selector: 'a=b' } } }]);
  const [, row] = out.split('\n');
  expect(row).toMatch(
    /^shop-db +ExternalSecret\/db +shop\/db +ClusterSecretStore\/vault +False +ab12ab12ab12 +\S+ +\S+ +shop +vault is sealed/,
  );
});

test('a rotation names what is read again', async () => {
  const answer = { message: '2 secrets are read again', grants: ['argocd/a', 'argocd/b'] };
  const { out, calls } = await runCli(['secret', 'rotate', '--store', 'vault'], { rotateSecrets: answer });
  expect(calls).toMatchObject([{ id: 'rotateSecrets', options: { body: { store: 'vault' } } }]);
  expect(out).toBe('2 secrets are read again\n  argocd/a\n  argocd/b\n');
});

test('a rotation by labels passes the selector on', async () => {
  const answer = { message: '1 secret is read again', grants: ['argocd/a'] };
  const { calls } = await runCli(['secret', 'rotate', '-l', 'team=shop,flotilla.dev/cluster=eu'], { rotateSecrets: answer });
  expect(calls).toMatchObject([{ id: 'rotateSecrets', options: { body: { selector: 'team=shop,flotilla.dev/cluster=eu' } } }]);
});

test('receipts say which cluster runs which version', async () => {
  const receipt = {
    cluster: 'prod-eu',
    application: 'argocd/shop',
    source: 'shop-db',
    grant: 'g',
    version,
    done: true,
    observedAt: '2026-01-01T00:00:00Z',
  };
  const waiting = { cluster: 'prod-us', application: 'argocd/shop', source: 'shop-db', grant: 'g', done: false, message: 'no value yet' };
  const { out, calls } = await runCli(['secret', 'receipts', 'shop-db'], { listSecretReceipts: { receipts: [receipt, waiting] } });
  expect(calls).toMatchObject([{ options: { query: { source: 'shop-db' } } }]);
  const [, first, second] = out.split('\n');
  expect(first).toMatch(/^prod-eu +shop-db +argocd\/shop +ab12ab12ab12 +yes/);
  expect(second).toMatch(/^prod-us +shop-db +argocd\/shop +- +no +- +no value yet/);
});
