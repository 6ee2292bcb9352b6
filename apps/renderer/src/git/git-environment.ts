import type { RepositoryCredential } from '../credentials/repository-credential.js';
import type { RepositoryUrl } from './repository-url.js';

/** Files a call of git needs beside its environment; written to memory-backed storage and removed after the call. */
export interface GitFiles {
  [name: string]: string;
}

/** Everything git is told outside its arguments: nothing of it can be seen in a process list. */
export interface GitSetup {
  env: Record<string, string>;
  files: GitFiles;
  /** Texts that must not appear in anything git says. */
  secrets: string[];
}

/** Placeholder for the directory of the files. */
export const FILES = '%FILES%';

const LOW_SPEED_BYTES = 1000;
const LOW_SPEED_SECONDS = 30;

export interface GitSetupOptions {
  url: RepositoryUrl;
  credential: RepositoryCredential;
  /** Schemes git itself may use: `https:ssh`. */
  allowProtocol: string;
  /** Addresses the host was judged by; git connects to these. */
  addresses: readonly string[];
}

/** The environment of one call that talks to a server. */
export function gitSetup({ url, credential, allowProtocol, addresses }: GitSetupOptions): GitSetup {
  const config: [string, string][] = [
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', String(LOW_SPEED_BYTES)],
    ['http.lowSpeedTime', String(LOW_SPEED_SECONDS)],
    ['http.userAgent', 'flotilla'],
    ['credential.helper', ''],
    ['core.hooksPath', '/dev/null'],
    ['gc.auto', '0'],
    // One pack per fetch, whole or not there at all; they are rolled up by the mirror.
    ['fetch.unpackLimit', '1'],
    ['maintenance.auto', 'false'],
    ['submodule.recurse', 'false'],
    ['protocol.version', '2'],
  ];
  const files: GitFiles = {};
  const secrets: string[] = [];
  const env: Record<string, string> = {};
  if (url.scheme === 'https' || url.scheme === 'http') {
    const header = authorization(credential);
    if (header) {
      config.push([`http.${url.origin}/.extraHeader`, `Authorization: ${header}`]);
      secrets.push(header.split(' ')[1]!);
    }
    if (addresses.length > 0) config.push(['http.curloptResolve', `${url.hostname}:${url.port}:${addresses.map(bracketed).join(',')}`]);
    if (credential.ca) {
      files['ca.pem'] = credential.ca;
      config.push(['http.sslCAInfo', `${FILES}/ca.pem`]);
    }
    if (credential.proxy) config.push(['http.proxy', credential.proxy]);
  }
  if (url.scheme === 'ssh') {
    files.ssh_config = sshConfig(addresses[0], url);
    files.known_hosts = `${credential.knownHosts ?? ''}\n`;
    files.key = `${(credential.sshPrivateKey ?? '').trimEnd()}\n`;
    // The one command line git hands to a shell: its words are ours, no part of it comes from a document.
    env.GIT_SSH_COMMAND = `ssh -F ${FILES}/ssh_config`;
    env.GIT_SSH_VARIANT = 'ssh';
  }
  for (const secret of [credential.password, credential.bearerToken]) if (secret) secrets.push(secret);
  return { env: { ...env, GIT_ALLOW_PROTOCOL: allowProtocol, ...configVariables(config) }, files, secrets };
}

/** What every call of git gets; without more it may talk to no server. */
export function baseEnvironment(path: string): Record<string, string> {
  return {
    PATH: path,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: '',
    GIT_OPTIONAL_LOCKS: '0',
  };
}

function configVariables(config: readonly [string, string][]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(config.length) };
  for (const [i, [key, value]] of config.entries()) {
    variables[`GIT_CONFIG_KEY_${i}`] = key;
    variables[`GIT_CONFIG_VALUE_${i}`] = value;
  }
  return variables;
}

function authorization({ username, password, bearerToken }: RepositoryCredential): string | undefined {
  if (bearerToken) return `Bearer ${bearerToken}`;
  if (!password) return undefined;
  // Servers that take a token as password accept any user name; Argo CD too sends one when none is given.
  return `Basic ${Buffer.from(`${username || 'x-access-token'}:${password}`).toString('base64')}`;
}

function sshConfig(address: string | undefined, url: RepositoryUrl): string {
  const alias = url.port === 22 ? url.hostname : `[${url.hostname}]:${url.port}`;
  return [
    'Host *',
    ...(address ? [`HostName ${address}`, `HostKeyAlias ${alias}`] : []),
    `IdentityFile ${FILES}/key`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${FILES}/known_hosts`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'BatchMode yes',
    'PreferredAuthentications publickey',
    'ForwardAgent no',
    'ProxyCommand none',
    'PermitLocalCommand no',
    'ConnectTimeout 15',
    'ServerAliveInterval 10',
    'ServerAliveCountMax 3',
    '',
  ].join('\n  ');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
