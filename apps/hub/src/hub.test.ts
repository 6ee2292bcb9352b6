import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDataDirectory } from './data-directory.js';
import { readHubConfig } from './hub.config.js';
import { ensureTls } from './tls-files.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-hub-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the configuration of the hub', () => {
  test('takes the command line over the environment over defaults', () => {
    const config = readHubConfig(['--https-port', '9001', '--data', directory], { FLOTILLA_HTTPS_PORT: '9000', FLOTILLA_FLEET: 'blue' });
    expect(config).toMatchObject({ httpsPort: 9001, fleet: 'blue', natsPort: 4222, data: directory });
  });

  test('names an unknown option and an unusable value', () => {
    expect(() => readHubConfig(['--dta', 'x'], {})).toThrow(/--dta.*known options: --data/s);
    expect(() => readHubConfig(['--https-port', 'many'], {})).toThrow('FLOTILLA_HTTPS_PORT');
  });
});

test('the authority stays while the server certificate follows the names', async () => {
  const now = Date.now();
  const first = await ensureTls(directory, ['localhost'], now);
  expect(statSync(join(directory, 'ca.key')).mode & 0o777).toBe(0o600);
  expect(await ensureTls(directory, ['localhost'], now)).toEqual(first);
  const renamed = await ensureTls(directory, ['localhost', 'hub.example.com'], now);
  expect(renamed.authority).toEqual(first.authority);
  expect(renamed.server.certificate).not.toBe(first.server.certificate);
  expect((await ensureTls(directory, ['localhost'], now + 820 * 86_400_000)).server.certificate).not.toBe(renamed.server.certificate);
});

test('a data directory is taken by the process that opened it', () => {
  const data = openDataDirectory(join(directory, 'hub'));
  expect(JSON.parse(readFileSync(data.path('run', 'hub.pid'), 'utf8'))).toMatchObject({ pid: process.pid });
  expect(statSync(data.keys).mode & 0o777).toBe(0o700);
  expect(statSync(data.root).mode & 0o777).toBe(0o711);
});
