import { caProviderSchema, type SecretStoreDocument } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { expressionFault } from '@flotilla/policy';
import type { Findings, KindRule } from '../admission.js';

/** Providers that can be told whom to trust. */
const OVER_TLS = ['vault', 'webhook'];

/**
 * What a provider is told below its key is judged by the provider itself: the store's condition says what is wrong. Whom it may trust
 * is judged here too, so that nobody relies on an authority that is never asked.
 */
export const checkSecretStore: KindRule = (document, findings) => {
  const { kind, spec } = document as unknown as SecretStoreDocument;
  const providers = Object.keys(spec.provider);
  if (providers.length !== 1) {
    const found = providers.length === 0 ? 'no key' : providers.join(', ');
    findings.error('spec.provider', `takes exactly one provider, such as vault or file; it has ${found}`);
  }
  for (const [name, provider] of Object.entries(spec.provider))
    if (isObject(provider)) checkTrust(document as unknown as SecretStoreDocument, name, provider, findings);
  if (kind === 'SecretStore' && spec.conditions?.length) {
    findings.warn('spec.conditions has no meaning on a SecretStore: it serves the applications of its own namespace');
  }
  for (const [i, { namespaceRegexes = [] }] of (spec.conditions ?? []).entries()) {
    for (const [j, expression] of namespaceRegexes.entries()) {
      const fault = expressionFault(expression);
      if (fault) findings.error(`spec.conditions[${i}].namespaceRegexes[${j}]`, fault);
    }
  }
  if (spec.retrySettings)
    findings.warn('spec.retrySettings is not used: failed reads are repeated with growing pauses, up to five minutes');
  if (spec.controller) findings.warn('spec.controller is not used: the hub has one broker');
};

function checkTrust(
  { kind, metadata }: SecretStoreDocument,
  name: string,
  { caProvider, caBundle }: Record<string, unknown>,
  findings: Findings,
): void {
  if (caProvider === undefined) return;
  const field = `spec.provider.${name}.caProvider`;
  if (!OVER_TLS.includes(name)) {
    findings.error(field, `is not supported by provider ${name}: ${OVER_TLS.join(' and ')} have it`);
    return;
  }
  const { data, error } = caProviderSchema.safeParse(caProvider);
  for (const { path } of error?.issues ?? [])
    findings.error([field, ...path].join('.'), path[0] === 'type' ? 'must be Secret or ConfigMap' : 'is required, as text');
  if (!data) return;
  if (kind === 'ClusterSecretStore' && !data.namespace) findings.error(`${field}.namespace`, 'is required in a ClusterSecretStore');
  if (kind === 'SecretStore' && data.namespace && data.namespace !== metadata.namespace)
    findings.error(`${field}.namespace`, `a SecretStore reads a ${data.type} of its own namespace only`);
  if (caBundle) findings.warn(`${field} is not used: caBundle goes before it`);
}
