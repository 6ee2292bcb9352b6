// Writes, once, what the services of docker-compose.yml share: the master key, certificates and the configuration of nats-server.
// Run again it keeps the keys, renews a certificate that is about to end, and follows changed host names.
// usage: node prepare-volumes.mjs DIRECTORY HOST[,HOST...]
import { chmodSync, copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeyring, loadOrCreateMasterKey } from '@flotilla/keyring';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';

const NATS_PORT = 4222;

/**
 * Each part lies in a directory of its own, so that a container mounts what it needs and no more:
 * `authority` (the key of the CA, for nobody else), `keys` (master key), `tls`, `nats`, and `accounts`, where nats-server keeps the
 * accounts that the registry pushes, with their revocations.
 * `ensureTls(directory, hosts, now)` makes or renews `ca` and `server` there.
 */
export async function prepareVolumes(directory, hosts, ensureTls, now) {
  const part = (name) => {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const [authority, keys, tls, nats, accounts] = ['authority', 'keys', 'tls', 'nats', 'accounts'].map(part);
  await ensureTls(authority, hosts, now);
  for (const [file, mode] of [
    ['ca.crt', 0o644],
    ['server.crt', 0o644],
    ['server.key', 0o600],
  ]) {
    replace(join(tls, file), mode, (path) => copyFileSync(join(authority, file), path));
  }
  const trust = new NatsTrust(createKeyring(loadOrCreateMasterKey(join(keys, 'master.key'))));
  const configuration = natsServerConfig({
    trust,
    host: '0.0.0.0',
    port: NATS_PORT,
    storeDir: accounts,
    tls: { certFile: join(tls, 'server.crt'), keyFile: join(tls, 'server.key') },
  });
  replace(join(nats, 'nats.conf'), 0o600, (path) => writeFileSync(path, configuration, { mode: 0o600 }));
}

/** A reader sees the old file or the new one, never half of one. */
function replace(path, mode, write) {
  const draft = `${path}.new`;
  write(draft);
  chmodSync(draft, mode);
  renameSync(draft, path);
}

if (import.meta.main) {
  const [directory, hosts] = process.argv.slice(2);
  if (!directory || !hosts) {
    console.error('usage: node prepare-volumes.mjs DIRECTORY HOST[,HOST...]');
    process.exit(2);
  }
  const { ensureTls } = await import('../../apps/hub/dist/src/tls-files.js');
  await prepareVolumes(directory, hosts.split(','), ensureTls, Date.now());
  console.log(`prepared ${directory} for ${hosts}`);
}
