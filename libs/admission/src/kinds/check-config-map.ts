import { CONTROL_NAMESPACE, type ConfigMap } from '@flotilla/contracts';
import type { Findings, KindRule } from '../admission.js';
import { NOTIFICATIONS_CONFIG_MAP } from '../notifications/notification-config.js';
import { readNotifications } from '../notifications/read-notifications.js';
import { checkGuardConfig } from './check-guard.js';

const POLL_INTERVAL = 'timeout.reconciliation';

/** Keys in a configuration map that belong elsewhere or cannot be read. */
export const checkConfigMap: KindRule = (document, findings) => {
  const { metadata, data = {} } = document as unknown as ConfigMap;
  checkGuardConfig(document as unknown as ConfigMap, findings);
  if (metadata.name === 'argocd-cmd-params-cm' && data[POLL_INTERVAL] !== undefined) {
    findings.warn(`data.${POLL_INTERVAL} belongs in ConfigMap argocd-cm`);
  }
  if (metadata.name === NOTIFICATIONS_CONFIG_MAP && metadata.namespace === CONTROL_NAMESPACE) checkNotifications(data, findings);
};

/**
 * A key of notifications that cannot be read is not used and the others are, so it is a warning here; a recipient where triggers
 * belong is refused, because it would be taken for a subscription.
 */
function checkNotifications(data: Readonly<Record<string, string>>, findings: Findings): void {
  for (const { key, line, message } of readNotifications(data).findings) {
    if (key.startsWith('defaultTriggers') && message.startsWith('must be a list of triggers')) findings.error(`data.${key}`, message);
    else findings.warn(`data.${key}${line === undefined ? '' : `, line ${line}`}: ${message}`);
  }
}
