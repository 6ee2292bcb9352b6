import { apiVersionOf, KINDS, type KindDefinition, kindDefinition } from '@flotilla/contracts';
import { closestWord, isObject } from '@flotilla/kernel';
import type { Findings } from './admission.js';

/** API versions people write that were never served, and the ones they mean. */
const API_VERSION_ALIASES: Readonly<Record<string, string>> = { 'argocd.io/v1alpha1': 'argoproj.io/v1alpha1' };

/** The kind of a document, its `apiVersion` corrected where it is a known mistake; undefined with errors otherwise. */
export function identifyKind(raw: Record<string, unknown>, findings: Findings): KindDefinition | undefined {
  const { kind, apiVersion } = raw;
  if (kind === undefined && apiVersion === undefined) {
    findings.error('', describeFragment(raw));
    return undefined;
  }
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    if (typeof kind !== 'string') findings.error('kind', 'is required');
    if (typeof apiVersion !== 'string') findings.error('apiVersion', 'is required');
    return undefined;
  }
  const definition = kindDefinition(kind);
  if (!definition) {
    const closest = closestWord(
      kind,
      KINDS.map((known) => known.kind),
    );
    findings.error('kind', `${kind} in ${apiVersion} is not a kind this hub keeps${closest ? `; did you mean ${closest}` : ''}`);
    return undefined;
  }
  const served = apiVersionOf(definition);
  if (definition.alsoServed.some((version) => apiVersion === apiVersionOf({ ...definition, version }))) {
    findings.warn(`apiVersion ${apiVersion} is deprecated and read as ${served}`);
    raw.apiVersion = served;
  } else if (apiVersion !== served) {
    if (API_VERSION_ALIASES[apiVersion] !== served) {
      findings.error('apiVersion', `no matches for kind ${kind} in version ${apiVersion}; it is served in ${served}`);
      return undefined;
    }
    findings.warn(`apiVersion ${apiVersion} is not served; did you mean ${served}`);
    raw.apiVersion = served;
  }
  return definition;
}

const APPLICATION_FIELDS = ['syncPolicy', 'ignoreDifferences', 'source', 'sources', 'destination', 'project'];

/** People paste parts of manifests: say which whole they look like. */
export function describeFragment(raw: Record<string, unknown>): string {
  const spec = isObject(raw.spec) ? raw.spec : {};
  const bare = APPLICATION_FIELDS.find((field) => field in raw);
  const nested = APPLICATION_FIELDS.find((field) => field in spec);
  const start = 'apiVersion, kind and metadata.name are missing';
  if ('generators' in spec || 'template' in spec) return `${start}; this looks like part of an ApplicationSet (spec.generators)`;
  const configMap = configMapOf([...Object.keys(raw), ...(isObject(raw.data) ? Object.keys(raw.data) : [])]);
  if (configMap) return `${start}; ${configMap.key} is a data key of ConfigMap ${configMap.name}`;
  if (bare ?? nested) return `${start}; this looks like part of an Application (spec.${bare ?? nested})`;
  if ('metadata' in raw) return `${start}; this looks like part of an Application (metadata)`;
  return start;
}

function configMapOf(keys: readonly string[]): { key: string; name: string } | undefined {
  const custom = keys.find((key) => key.startsWith('resource.customizations'));
  if (custom) return { key: 'resource.customizations.*', name: 'argocd-cm' };
  const notification = keys.find((key) => /^(defaultTriggers|trigger\.|template\.|service\.|subscriptions$)/.test(key));
  return notification ? { key: notification, name: 'argocd-notifications-cm' } : undefined;
}
