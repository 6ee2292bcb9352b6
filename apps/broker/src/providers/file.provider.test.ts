import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aSignal, faultOf, opened, providerTools, textOf } from '../testing/provider-tools.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'flotilla-files-'));
  await mkdir(join(root, 'secrets/shop/sub'), { recursive: true });
  await writeFile(join(root, 'outside'), 'not yours');
  await writeFile(join(root, 'secrets/other'), 'of the cluster store');
  await writeFile(join(root, 'secrets/shop/sub/db.json'), '{"a":{"b":"c"},"n":null}');
  await writeFile(join(root, 'secrets/shop/app.yaml'), 'token: t\n');
  await writeFile(join(root, 'secrets/shop/raw'), Buffer.from([0, 255, 10]));
  await symlink('sub/db.json', join(root, 'secrets/shop/linked.json'));
  await symlink('../../outside', join(root, 'secrets/shop/escape'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const reader = (spec: object = {}, namespace: string | undefined = 'shop') =>
  opened({ file: spec }, providerTools({}, { directory: join(root, 'secrets'), namespace }));

test('files are values, and JSON and YAML files have properties', async () => {
  expect(await textOf(reader(), 'sub/db.json', 'a.b')).toBe('c');
  expect(await textOf(reader({ directory: 'sub' }), 'db.json', 'a')).toBe('{"b":"c"}');
  expect(await textOf(reader(), 'app.yaml', 'token')).toBe('t');
  expect(await textOf(reader(), 'app.yaml')).toBe('token: t\n');
  expect(await textOf(reader(), 'linked.json', 'a.b')).toBe('c');
  expect(Buffer.from((await reader().read({ key: 'raw' }, aSignal())).bytes)).toEqual(Buffer.from([0, 255, 10]));
});

test('a SecretStore reads below the directory of its namespace only, a ClusterSecretStore all of it', async () => {
  expect(await faultOf(textOf(reader(), 'other'))).toMatchObject({ reason: 'KeyNotFound' });
  const all = opened({ file: {} }, { ...providerTools({}, { directory: join(root, 'secrets') }), namespace: undefined });
  expect(await textOf(all, 'other')).toBe('of the cluster store');
  expect(await textOf(all, 'shop/app.yaml', 'token')).toBe('t');
});

test('no path leads out of the directory', async () => {
  for (const key of ['../other', '../../outside', 'sub/../../other', '/etc/passwd', '', 'a//b', './app.yaml', 'sub\\..\\x', 'x\0y'])
    expect(await faultOf(textOf(reader(), key))).toMatchObject({ reason: 'SourceInvalid' });
  expect((await faultOf(textOf(reader(), 'escape'))).message).toContain('a link out of the store');
  for (const directory of ['..', 'a/../..', '/etc']) expect(() => reader({ directory })).toThrow('leads out of its directory');
});

test('what is not there, has no property or no version is said', async () => {
  expect(await faultOf(textOf(reader(), 'none'))).toMatchObject({ reason: 'KeyNotFound' });
  expect(await faultOf(textOf(reader(), 'sub'))).toMatchObject({ reason: 'KeyNotFound' });
  expect(await faultOf(textOf(reader(), 'sub/db.json', 'n'))).toMatchObject({ reason: 'PropertyNotFound' });
  expect(await faultOf(textOf(reader(), 'raw', 'x'))).toMatchObject({ reason: 'ValueInvalid' });
  expect(await faultOf(textOf(reader(), 'app.yaml', 'token', '2'))).toMatchObject({ reason: 'SourceInvalid' });
  expect(await faultOf(reader({ directory: 'none' }).check(aSignal()))).toMatchObject({ reason: 'StoreInvalid' });
  expect(() => opened({ file: {} })).toThrow('FLOTILLA_BROKER_SECRETS_DIR');
});
