import { zstdDecompressSync } from 'node:zlib';
import { openDatabase } from '@flotilla/persistence';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from '../testing/gateway-under-test.js';
import { MASK } from './secret-sealing.js';

const CANARY = 'canary-hunter2-value';
const BASE64 = Buffer.from(CANARY).toString('base64');
const SECRET = `apiVersion: v1
kind: Secret
metadata: {name: repo-web, namespace: argocd, labels: {argocd.argoproj.io/secret-type: repository}}
stringData: {type: git, url: https://git.example.com/web.git, password: ${CANARY}}
`;

const ZSTD_MAGIC = 0x28b52ffd;

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

/** A row as text, with what rests compressed unpacked. */
function readable(row: Record<string, unknown>): string {
  return Object.values(row)
    .map((value) => {
      if (!Buffer.isBuffer(value)) return JSON.stringify(value);
      return value.readUInt32BE(0) === ZSTD_MAGIC ? zstdDecompressSync(value).toString('latin1') : value.toString('latin1');
    })
    .join(' ');
}

const apply = (...flags: string[]): Promise<string> => gateway.kubectl.ok(['apply', '-f', '-', ...flags], { stdin: SECRET });
const version = (): Promise<string> =>
  gateway.kubectl.ok(['get', 'secret', 'repo-web', '-n', 'argocd', '-o', 'jsonpath={.metadata.resourceVersion}']);

describe('a Secret on the hub', () => {
  test('is stored once however often and in whichever way it is applied', async () => {
    expect(await apply()).toContain('secret/repo-web created');
    const first = await version();
    await apply();
    expect(await version()).toBe(first);
    await apply('--server-side', '--force-conflicts');
    const taken = await version();
    await apply('--server-side', '--force-conflicts');
    expect(await version()).toBe(taken);
  });

  test('shows its keys and no value on every way of reading', async () => {
    const get = (...args: string[]): Promise<string> => gateway.kubectl.ok(['get', 'secret', '-n', 'argocd', ...args]);
    const texts = [
      await get('repo-web', '-o', 'yaml', '--show-managed-fields'),
      await get('-o', 'json'),
      await gateway.kubectl.ok(['describe', 'secret', 'repo-web', '-n', 'argocd']),
      (await gateway.http('/api/v1/secrets?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1')).text,
      (await gateway.http('/api/v1/namespaces/argocd/secrets', { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }))
        .text,
      (await gateway.kubectl.run(['diff', '-f', '-'], { stdin: SECRET.replace(CANARY, 'canary-other') })).stdout,
      (await gateway.kubectl.run(['apply', '-f', '-', '--dry-run=server', '-o', 'yaml'], { stdin: SECRET })).stdout,
    ];
    for (const text of texts) expect(text).not.toMatch(new RegExp(`${CANARY}|${BASE64}|last-applied`));
    expect(texts[0]).toContain(`password: ${MASK}`);
    expect(texts[3]).toContain('repo-web');
  });

  test('keeps its values when a reader writes back what it saw', async () => {
    const before = await gateway.platform.store.get({ kind: 'Secret', namespace: 'argocd', name: 'repo-web' });
    const seen = await gateway.kubectl.ok(['get', 'secret', 'repo-web', '-n', 'argocd', '-o', 'json']);
    await gateway.kubectl.ok(['replace', '-f', '-'], { stdin: seen });
    await gateway.kubectl.ok(['label', 'secret', 'repo-web', '-n', 'argocd', 'team=a']);
    const after = await gateway.platform.store.get({ kind: 'Secret', namespace: 'argocd', name: 'repo-web' });
    expect(after).toMatchObject({ data: (before as { data?: unknown }).data, metadata: { labels: { team: 'a' } } });
  });

  test('changes by a patch of one key, and its value is nowhere in the database', async () => {
    const patch = JSON.stringify({ stringData: { password: `${CANARY}-2` } });
    await gateway.kubectl.ok(['patch', 'secret', 'repo-web', '-n', 'argocd', '--type=merge', '-p', patch]);
    await gateway.kubectl.ok(['delete', 'secret', 'repo-web', '-n', 'argocd']);
    const database = openDatabase({ url: gateway.database.url, maxConnections: 2, applicationName: 'dump' });
    try {
      const tables = await database.query<{ name: string }>(
        `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
         WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
      );
      let dump = '';
      for (const { name } of tables) {
        const rows = await database.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
        dump += rows.map((row) => `${name} ${readable(row)}\n`).join('');
      }
      expect(dump).toMatch(/resources\.changes_\S+ .*repo-web/);
      expect(dump).not.toMatch(new RegExp(`${CANARY}|${BASE64.slice(0, 20)}`));
    } finally {
      await database.close();
    }
  });
});
