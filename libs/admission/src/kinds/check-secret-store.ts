import type { SecretStoreDocument } from '@flotilla/contracts';
import { expressionFault } from '@flotilla/policy';
import type { KindRule } from '../admission.js';

/** What a provider is told below its key is judged by the provider itself: the store's condition says what is wrong. */
export const checkSecretStore: KindRule = (document, findings) => {
  const { kind, spec } = document as unknown as SecretStoreDocument;
  const providers = Object.keys(spec.provider);
  if (providers.length !== 1) {
    const found = providers.length === 0 ? 'no key' : providers.join(', ');
    findings.error('spec.provider', `takes exactly one provider, such as vault or file; it has ${found}`);
  }
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
