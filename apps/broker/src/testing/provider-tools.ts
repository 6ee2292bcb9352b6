import { AddressPolicy, HttpClient } from '@flotilla/http';
import { ManualClock } from '@flotilla/kernel';
import { openProvider } from '../providers/providers.js';
import type { ProviderTools, SecretReader } from '../providers/secret.provider.js';
import { selectProperty } from '../providers/select-property.js';
import { SecretFault } from '../secret-fault.errors.js';

export const aSignal = (): AbortSignal => new AbortController().signal;

/** Tools whose Secrets are a map `name/key -> value`, and whose way out reaches this machine. */
export function providerTools(
  secrets: Record<string, string> = {},
  more: Partial<ProviderTools> = {},
): ProviderTools & { clock: ManualClock } {
  const addresses = new AddressPolicy({ allow: ['127.0.0.1/32'] });
  return {
    store: 'SecretStore/one',
    namespace: 'shop',
    http: (ca) => new HttpClient({ addresses, ...(ca === undefined ? {} : { ca }) }),
    secret: async ({ name, key }, field) => {
      const value = secrets[`${name}/${key}`];
      if (value === undefined) throw new SecretFault('CredentialMissing', `${field}: no Secret ${name}/${key}`);
      return value;
    },
    secrets: async ({ name }) =>
      Object.fromEntries(
        Object.entries(secrets).flatMap(([place, value]) => (place.startsWith(`${name}/`) ? [[place.slice(name.length + 1), value]] : [])),
      ),
    ca: async ({ type, name, key }, field) => {
      const text = secrets[`${name}/${key}`];
      if (text === undefined) throw new SecretFault('CredentialMissing', `${field}: no ${type} ${name}/${key}`);
      return { text, place: `${type} shop/${name}, key ${key}` };
    },
    directory: undefined,
    ...more,
    clock: (more.clock as ManualClock | undefined) ?? new ManualClock(),
  };
}

export const opened = (provider: Record<string, unknown>, tools = providerTools()): SecretReader => openProvider(provider, tools);

/** The text a reference stands for. */
export async function textOf(reader: SecretReader, key: string, property?: string, version?: string): Promise<string> {
  const document = await reader.read({ key, ...(property ? { property } : {}), ...(version ? { version } : {}) }, aSignal());
  return selectProperty(document, property, `key ${key}`).toString();
}

/** The fault that something fails with. */
export async function faultOf(work: Promise<unknown>): Promise<SecretFault> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SecretFault) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
