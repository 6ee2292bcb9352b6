import { type ExternalSecret, MIN_REFRESH_MS, type RemoteRef } from '@flotilla/contracts';
import { formatDuration, parseDuration } from '@flotilla/kernel';
import type { Findings, KindRule } from '../admission.js';
import { checkDuration } from './check-duration.js';

/** References one ExternalSecret may have, `data` and `dataFrom` together. */
const MAX_REFERENCES = 200;
const CREATION_POLICIES = ['Owner', 'Orphan', 'Merge'];
const STORE_KINDS = ['SecretStore', 'ClusterSecretStore'];
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;
/** What Google Cloud calls a secret in full; its provider adds project and version by itself. */
const RESOURCE_NAME = /^projects\/[^/]+\/secrets\/([^/]+)(?:\/versions\/([^/]+))?$/;

/** The first form of ExternalSecrets: a field that would change the value and is not supported is refused by its name. */
export const checkExternalSecret: KindRule = (document, findings, context) => {
  const { spec } = document as unknown as ExternalSecret;
  const { data = [], dataFrom = [], secretStoreRef, target } = spec;
  if (!context.byService) {
    findings.warn('an ExternalSecret on the hub reaches no cluster: put it among the manifests of an Application');
  }
  if (data.length + dataFrom.length === 0) findings.error('spec.data', 'or spec.dataFrom is required');
  if (data.length + dataFrom.length > MAX_REFERENCES)
    findings.error('spec.data', `and spec.dataFrom have more than ${MAX_REFERENCES} items`);
  if (!secretStoreRef) findings.error('spec.secretStoreRef', 'is required');
  else if (!STORE_KINDS.includes(secretStoreRef.kind ?? 'SecretStore')) {
    findings.error('spec.secretStoreRef.kind', `must be SecretStore or ClusterSecretStore, not ${JSON.stringify(secretStoreRef.kind)}`);
  }
  checkRefresh(spec, findings);
  checkTarget(target, findings);
  for (const [i, { secretKey, remoteRef, sourceRef }] of data.entries()) {
    if (!SECRET_KEY.test(secretKey))
      findings.error(`spec.data[${i}].secretKey`, `${JSON.stringify(secretKey.slice(0, 80))} is no key of a Secret`);
    checkRef(remoteRef, `spec.data[${i}].remoteRef`, findings);
    refuse(sourceRef, `spec.data[${i}].sourceRef`, 'all items are read from spec.secretStoreRef', findings);
  }
  for (const [i, { extract, find, rewrite, sourceRef }] of dataFrom.entries()) {
    const field = `spec.dataFrom[${i}]`;
    refuse(find, `${field}.find`, 'name the keys with extract', findings);
    refuse(rewrite, `${field}.rewrite`, 'name the keys with spec.data, or make them with target.template', findings);
    refuse(sourceRef, `${field}.sourceRef`, 'generators are not run, and all items are read from spec.secretStoreRef', findings);
    if (extract) checkRef(extract, `${field}.extract`, findings);
    else if (find === undefined && sourceRef === undefined) findings.error(`${field}.extract`, 'is required');
  }
};

function checkRefresh({ refreshInterval }: ExternalSecret['spec'], findings: Findings): void {
  checkDuration(refreshInterval, 'spec.refreshInterval', findings);
  try {
    const ms = refreshInterval === undefined ? 0 : parseDuration(refreshInterval);
    if (ms > 0 && ms < MIN_REFRESH_MS) findings.warn(`spec.refreshInterval is read as ${formatDuration(MIN_REFRESH_MS)}, the shortest`);
  } catch {
    // The field's error says it.
  }
}

function checkTarget(target: ExternalSecret['spec']['target'], findings: Findings): void {
  const { creationPolicy = 'Owner', deletionPolicy = 'Retain', manifest, template } = target ?? {};
  if (!CREATION_POLICIES.includes(creationPolicy)) {
    findings.error('spec.target.creationPolicy', `${JSON.stringify(creationPolicy)} is not supported: ${CREATION_POLICIES.join(', ')} are`);
  }
  if (deletionPolicy !== 'Retain') {
    findings.warn(`spec.target.deletionPolicy ${deletionPolicy} is read as Retain: nothing is deleted because a provider does not have it`);
  }
  refuse(manifest, 'spec.target.manifest', 'only Secrets are written', findings);
  refuse(template?.templateFrom, 'spec.target.template.templateFrom', 'write the templates into target.template.data', findings);
  if (template?.metadata?.finalizers)
    findings.warn('spec.target.template.metadata.finalizers is left out: the agent deletes what it wrote');
  const { engineVersion = 'v2' } = template ?? {};
  if (engineVersion !== 'v2')
    findings.error('spec.target.template.engineVersion', `${JSON.stringify(engineVersion)} is not supported: v2 is`);
}

function checkRef({ key, metadataPolicy }: RemoteRef, field: string, findings: Findings): void {
  if (key === '') findings.error(`${field}.key`, 'is required');
  if (metadataPolicy !== undefined && metadataPolicy !== 'None')
    findings.error(`${field}.metadataPolicy`, `${JSON.stringify(metadataPolicy)} is not supported: values are read, not their metadata`);
  const [, name, version = 'latest'] = RESOURCE_NAME.exec(key) ?? [];
  if (name) findings.warn(`remoteRef.key looks like a full resource name; use key: ${name}, version: ${version}`);
}

function refuse(value: unknown, field: string, remedy: string, findings: Findings): void {
  if (value !== undefined) findings.error(field, `is not supported: ${remedy}`);
}
