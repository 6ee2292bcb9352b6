import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from '../testing/gateway-under-test.js';

const CORPUS = join(import.meta.dirname, '../../../../test/corpus/secrets');
let hub: GatewayUnderTest;
beforeAll(async () => {
  hub = await startGateway();
  await hub.kubectl.run(['create', 'namespace', 'my-app']);
});
afterAll(() => hub.stop());

const stored = () => hub.platform.store.get({ kind: 'SecretStore', namespace: 'my-app', name: 'vault-backend' });

test('a store in v1beta1 is applied by kubectl, with a warning, and stored and shown as v1', async () => {
  const file = join(CORPUS, '002-vault-secretstore.yaml');
  const applied = await hub.kubectl.run(['apply', '-f', file]);
  expect(applied.stderr).toContain('external-secrets.io/v1beta1 is deprecated and read as external-secrets.io/v1');
  expect(await stored()).toMatchObject({ apiVersion: 'external-secrets.io/v1' });
  expect((await hub.kubectl.run(['apply', '-f', file])).stdout).toContain('unchanged');
  expect((await hub.kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', file])).stderr).toContain('is deprecated');
  const read = await hub.kubectl.run(['get', 'secretstores', '-n', 'my-app', '-o', 'jsonpath={.items[0].apiVersion}']);
  expect(read.stdout).toBe('external-secrets.io/v1');
  const old = await hub.kubectl.run([
    'get',
    'secretstores.v1beta1.external-secrets.io',
    '-n',
    'my-app',
    '-o',
    'jsonpath={.items[0].apiVersion}',
  ]);
  expect(old.stdout).toBe('external-secrets.io/v1beta1');
});

test('flotilla apply says the same of it', async () => {
  const text = readFileSync(join(CORPUS, '002-vault-clustersecretstore.yaml'), 'utf8');
  const answer = await hub.http('/v1/apply', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  });
  const { items } = JSON.parse(answer.text) as { items: { action: string; warnings: string[]; errors: string[] }[] };
  expect(items).toMatchObject([{ action: 'created', errors: [], warnings: [expect.stringContaining('is deprecated and read as')] }]);
});
