import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type CertificatePair, createAuthority, issueServerCertificate } from '@flotilla/tls';

const RENEW_BEFORE_MS = 30 * 86_400_000;

export interface HubTls {
  authority: CertificatePair;
  server: CertificatePair;
}

/** The hub's own authority, made once, and its server certificate, made anew when it is about to end or the names changed. */
export async function ensureTls(directory: string, hosts: readonly string[], now: number): Promise<HubTls> {
  const authority = read(directory, 'ca') ?? write(directory, 'ca', await createAuthority('Flotilla hub', now));
  const existing = read(directory, 'server');
  if (existing && isGood(existing, hosts, now)) return { authority, server: existing };
  const issued = await issueServerCertificate(authority, hosts, now);
  // Agents pin the authority by its digest, so the server shows it behind its own certificate.
  return {
    authority,
    server: write(directory, 'server', { ...issued, certificate: `${issued.certificate.trimEnd()}\n${authority.certificate}` }),
  };
}

function isGood({ certificate }: CertificatePair, hosts: readonly string[], now: number): boolean {
  const parsed = new X509Certificate(certificate);
  return (
    Date.parse(parsed.validTo) - now > RENEW_BEFORE_MS &&
    hosts.every((host) => (isIP(host) ? parsed.checkIP(host) : parsed.checkHost(host)) !== undefined)
  );
}

function read(directory: string, name: string): CertificatePair | undefined {
  const [certificate, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
  return existsSync(certificate) && existsSync(key)
    ? { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
    : undefined;
}

function write(directory: string, name: string, pair: CertificatePair): CertificatePair {
  for (const [suffix, text, mode] of [
    ['key', pair.key, 0o600],
    ['crt', pair.certificate, 0o644],
  ] as const) {
    const path = join(directory, `${name}.${suffix}`);
    writeFileSync(`${path}.new`, text, { mode });
    renameSync(`${path}.new`, path);
  }
  return pair;
}
