import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { DataDirectory } from './data-directory.js';

/** What a running hub says of itself in `hub.json`; gone when it stopped in order. */
export interface HubFacts {
  pid: number;
  url: string;
  grpc: string;
  nats: string;
  kubeconfig: string;
  caFile: string;
  username: string;
  passwordFile: string;
}

export function writePrivate(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function writeFacts(data: DataDirectory, facts: HubFacts): void {
  writePrivate(data.path('hub.json'), `${JSON.stringify(facts, null, 2)}\n`);
}

export function removeFacts(data: DataDirectory): void {
  rmSync(data.path('hub.json'), { force: true });
}

/** The kubeconfig of the local admin: written once, and again when the address or the authority changed. */
export function ensureKubeconfig(data: DataDirectory, url: string, ca: string, issue: () => string): string {
  const path = data.path('kubeconfig');
  const authority = Buffer.from(ca).toString('base64');
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8');
    if (text.includes(JSON.stringify(url)) && text.includes(authority)) return path;
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'flotilla',
    clusters: [{ name: 'flotilla', cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name: 'admin', user: { token: issue() } }],
    contexts: [{ name: 'flotilla', context: { cluster: 'flotilla', user: 'admin', namespace: 'argocd' } }],
  };
  writePrivate(path, `${JSON.stringify(config, null, 2)}\n`);
  return path;
}
