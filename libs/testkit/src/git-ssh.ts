import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type AuthContext, type ParsedKey, type ServerChannel } from 'ssh2';
import { gitEnvironment } from './git-repositories.js';

// A CommonJS package whose exports Node cannot name.
const { Server, utils } = ssh2;

export interface SshKeyPair {
  /** OpenSSH format, unencrypted. */
  privateKey: string;
  /** One line of authorized_keys. */
  publicKey: string;
}

export interface GitSshServer {
  port: number;
  hostKey: string;
  /** Sessions that ran git-upload-pack, and commands that were refused. */
  served: string[];
  refused: string[];
  close(): Promise<void>;
}

export function newSshKey(): SshKeyPair {
  // One in three hundred of the Ed25519 keys this library makes it cannot read itself.
  const { private: privateKey, public: publicKey } = utils.generateKeyPairSync('ecdsa', { bits: 256 });
  return { privateKey, publicKey };
}

/** Serves bare repositories for reading over SSH: public keys only, `git-upload-pack` only, no shell. */
export async function startGitSsh(root: string, userKeys: readonly string[]): Promise<GitSshServer> {
  const host = newSshKey();
  const served: string[] = [];
  const refused: string[] = [];
  const server = new Server({ hostKeys: [host.privateKey] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => (permits(userKeys, context) ? context.accept() : context.reject(['publickey'])));
    client.on('session', (accept) => {
      let protocol = '';
      const session = accept();
      session.on('env', (acceptEnv, _reject, { key, val }: { key: string; val: string }) => {
        if (key === 'GIT_PROTOCOL') protocol = val;
        acceptEnv?.();
      });
      session.on('exec', (acceptExec, reject, { command }) => {
        const repository = /^git-upload-pack '?\/?([\w./-]+?)'?$/.exec(command)?.[1];
        if (!repository || repository.includes('..')) {
          refused.push(command);
          reject();
          return;
        }
        served.push(repository);
        uploadPack(join(root, repository), protocol, acceptExec());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: host.publicKey,
    served,
    refused,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function uploadPack(dir: string, protocol: string, channel: ServerChannel): void {
  const child = spawn('git', ['upload-pack', dir], { env: { ...gitEnvironment(), GIT_PROTOCOL: protocol } });
  child.stdin.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('error', () => channel.close());
  child.on('close', (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}

function permits(userKeys: readonly string[], context: AuthContext): boolean {
  if (context.method !== 'publickey') return false;
  const { key, signature, blob, hashAlgo } = context;
  return userKeys.some((line) => {
    const known = utils.parseKey(line) as ParsedKey;
    if (known.type !== key.algo || !known.getPublicSSH().equals(key.data)) return false;
    // Without a signature the client only asks whether the key would do.
    return signature === undefined || blob === undefined || known.verify(blob, signature, hashAlgo) === true;
  });
}
