import type { Application, IgnoreDifference } from '@flotilla/contracts';
import { closestWord } from '@flotilla/kernel';
import type { Findings } from '../admission.js';
import { checkDuration } from './check-duration.js';

const SYNC_OPTIONS = [
  'ApplyOutOfSyncOnly',
  'ClientSideApplyMigration',
  'CreateNamespace',
  'Delete',
  'FailOnSharedResource',
  'Force',
  'Prune',
  'PruneLast',
  'PrunePropagationPolicy',
  'Replace',
  'RespectIgnoreDifferences',
  'ServerSideApply',
  'SkipDryRunOnMissingResource',
  'Validate',
];
const OPTIONS_ANNOTATION = 'argocd.argoproj.io/sync-options';

/** Options, retries and the fields people expect here; what is not in force yet is said with what does the job today. */
export function checkSyncPolicy(application: Application, findings: Findings): void {
  const { spec, metadata } = application;
  const policy = spec.syncPolicy ?? {};
  for (const [i, option] of (policy.syncOptions ?? []).entries()) warnOfOption(option, `spec.syncPolicy.syncOptions[${i}]`, findings);
  const annotated = (metadata.annotations?.[OPTIONS_ANNOTATION] ?? '').split(',').map((option) => option.trim());
  for (const option of annotated.filter((text) => text !== '')) warnOfOption(option, `annotation ${OPTIONS_ANNOTATION}`, findings);
  if (annotated.includes('RespectIgnoreDifferences=true')) {
    findings.warn(
      'RespectIgnoreDifferences=true does not override sync windows, they still apply; set `manualSync: true` on the window or use another project',
    );
  }
  if (policy.healthCheckTimeout !== undefined || policy.healthCheckMaxRetries !== undefined) {
    findings.warn(
      'syncPolicy.healthCheckTimeout and healthCheckMaxRetries are not in force; use progressDeadlineSeconds of the workload (or Rollout) and syncPolicy.retry',
    );
  }
  if (policy.automated?.prune) warnOfProtection(spec.ignoreDifferences ?? [], findings);
  const backoff = policy.retry?.backoff;
  checkDuration(backoff?.duration, 'spec.syncPolicy.retry.backoff.duration', findings);
  checkDuration(backoff?.maxDuration, 'spec.syncPolicy.retry.backoff.maxDuration', findings);
}

function warnOfOption(option: string, where: string, findings: Findings): void {
  const [name = ''] = option.split('=');
  if (name === 'SelfHealGracePeriod') {
    findings.warn(
      `${where}: SelfHealGracePeriod is not in force; the nearest is controller.self.heal.timeout.seconds in argocd-cmd-params-cm`,
    );
  } else if (name === 'SelfHeal') {
    findings.warn(`${where}: ${option} is not in force; use spec.ignoreDifferences with the sync option RespectIgnoreDifferences=true`);
  } else if (!SYNC_OPTIONS.includes(name)) {
    const closest = closestWord(name, SYNC_OPTIONS);
    findings.warn(`${where}: ${name} is not a sync option${closest ? `; did you mean ${closest}` : ''}`);
  }
}

const PRECIOUS = ['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition'];

function warnOfProtection(rules: readonly IgnoreDifference[], findings: Findings): void {
  const mistaken = rules.find(({ kind, jsonPointers }) => PRECIOUS.includes(kind) && jsonPointers?.includes('/spec'));
  if (!mistaken) return;
  findings.warn(
    `spec.ignoreDifferences of ${mistaken.kind} gives no protection from pruning; put sync option Prune=false or label flotilla.dev/protected on the object`,
  );
}
