import { X509Certificate } from 'node:crypto';
import type { CaProvider } from '@flotilla/contracts';
import { SecretFault } from '../secret-fault.errors.js';
import type { ProviderTools } from './secret.provider.js';

/** More than all authorities of a browser take. */
const MAX_BYTES = 512 * 1024;
const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/** What a store says of whom to trust (ESO esutils FetchCACertFromSource): `caBundle` goes before `caProvider`. */
export interface TrustSpec {
  /** base64 of PEM certificates. */
  caBundle?: string | undefined;
  caProvider?: CaProvider | undefined;
}

/**
 * The PEM certificates to trust instead of the system's; undefined only where the store names none. What it names and cannot be
 * read is a fault, because with the system's authorities in its place another server might be believed.
 *
 * @param field such as `spec.provider.vault`
 * @throws SecretFault
 */
export async function trustedCa({ caBundle, caProvider }: TrustSpec, field: string, tools: ProviderTools): Promise<string | undefined> {
  if (caBundle) return certificatesOf(Buffer.from(caBundle, 'base64').toString(), `${tools.store}: ${field}.caBundle`);
  if (!caProvider) return undefined;
  const { text, place } = await tools.ca(caProvider, `${field}.caProvider`);
  return certificatesOf(text, `${tools.store}: ${field}.caProvider: ${place}`);
}

/** The certificates of a PEM text and nothing else of it. */
function certificatesOf(text: string, what: string): string {
  if (text.length > MAX_BYTES) throw new SecretFault('StoreInvalid', `${what} is larger than ${MAX_BYTES} bytes`);
  const found: string[] = [];
  for (let from = text.indexOf(BEGIN); from >= 0; from = text.indexOf(BEGIN, from)) {
    const end = text.indexOf(END, from);
    const certificate = end < 0 ? '' : text.slice(from, end + END.length);
    if (!isCertificate(certificate)) throw new SecretFault('StoreInvalid', `${what}: PEM certificate ${found.length + 1} cannot be read`);
    found.push(certificate);
    from = end;
  }
  if (found.length === 0) throw new SecretFault('StoreInvalid', `${what} holds no PEM certificate`);
  return `${found.join('\n')}\n`;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
