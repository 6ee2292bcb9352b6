import type { ConfigMap } from '@flotilla/contracts';
import type { KindRule } from '../admission.js';
import { checkGuardConfig } from './check-guard.js';

const NOTIFICATIONS = 'argocd-notifications-cm';
const POLL_INTERVAL = 'timeout.reconciliation';

/** Keys in a configuration map that belong elsewhere or cannot be read. */
export const checkConfigMap: KindRule = (document, findings) => {
  const { metadata, data = {} } = document as unknown as ConfigMap;
  checkGuardConfig(document as unknown as ConfigMap, findings);
  if (metadata.name === 'argocd-cmd-params-cm' && data[POLL_INTERVAL] !== undefined) {
    findings.warn(`data.${POLL_INTERVAL} belongs in ConfigMap argocd-cm`);
  }
  if (metadata.name !== NOTIFICATIONS) return;
  for (const [key, value] of Object.entries(data)) {
    if (!key.startsWith('defaultTriggers.') || /^\s*(-|\[)/.test(value)) continue;
    const service = key.slice('defaultTriggers.'.length);
    findings.error(
      `data.${key}`,
      `must be a list of triggers (got ${value.trim().slice(0, 40)}); to set a default recipient use ` +
        `subscriptions: [{recipients: [${service}:${value.trim().slice(0, 40)}], triggers: [...]}]`,
    );
  }
};
