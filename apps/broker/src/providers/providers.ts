import { SecretFault } from '../secret-fault.errors.js';
import { fileProvider } from './file.provider.js';
import type { ProviderTools, SecretProvider, SecretReader } from './secret.provider.js';
import { vaultProvider } from './vault.provider.js';
import { webhookProvider } from './webhook.provider.js';

/** A row per provider; what stands below its key is checked by its own schema. */
const entry = <S>({ name, schema, open }: SecretProvider<S>) => ({
  name,
  open(spec: unknown, tools: ProviderTools): SecretReader {
    const read = schema.safeParse(spec);
    if (read.success) return open(read.data, tools);
    const faults = read.error.issues.slice(0, 5).map(({ path, code }) => `${['spec.provider', name, ...path].join('.')} (${code})`);
    throw new SecretFault('StoreInvalid', `${tools.store}: not as provider ${name} needs it: ${faults.join(', ')}`);
  },
});

const PROVIDERS = [entry(fileProvider), entry(vaultProvider), entry(webhookProvider)];

export const PROVIDER_NAMES: readonly string[] = PROVIDERS.map(({ name }) => name);

/** Opens what stands below `spec.provider`. @throws SecretFault */
export function openProvider(provider: Readonly<Record<string, unknown>>, tools: ProviderTools): SecretReader {
  const [name = '', ...others] = Object.keys(provider);
  if (name === '' || others.length > 0) throw new SecretFault('StoreInvalid', `${tools.store}: spec.provider takes exactly one key`);
  const known = PROVIDERS.find((candidate) => candidate.name === name);
  if (known) return known.open(provider[name], tools);
  throw new SecretFault('ProviderUnknown', `${tools.store}: provider ${name} is not built in; known: ${PROVIDER_NAMES.join(', ')}`);
}
