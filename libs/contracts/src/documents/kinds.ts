import type { z } from 'zod';
import { appProjectSchema } from './app-project.js';
import { applicationSchema } from './application.js';
import { applicationSetSchema } from './application-set.js';
import { configMapSchema, namespaceSchema, secretSchema } from './core.js';
import { clusterSchema, enrolmentTokenSchema, fleetRolloutSchema, gitSourceSchema, releaseSchema, rolloutPolicySchema } from './fleet.js';
import { ARGO_GROUP, FLOTILLA_GROUP } from './meta.js';
import { PLACEMENT_GROUP, placementDecisionSchema } from './placement-decision.js';
import { secretGrantSchema } from './secret-grant.js';
import {
  clusterSecretStoreSchema,
  EXTERNAL_SECRETS_GROUP,
  externalSecretSchema,
  SEALED_SECRETS_GROUP,
  sealedSecretSchema,
  secretStoreSchema,
} from './secrets.js';

/** A column of `kubectl get`; `path` is a dotted path into the document, `wide` shows it with `-o wide` only. */
export interface PrinterColumn {
  name: string;
  path: string;
  type?: 'string' | 'integer' | 'date';
  wide?: boolean;
}

/** Everything the product knows about a kind of document that its resource store holds. */
export interface KindDefinition {
  group: string;
  version: string;
  /** Older versions with the same fields: read with a warning, stored and shown as `version`. */
  alsoServed: readonly string[];
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  hasStatus: boolean;
  columns: readonly PrinterColumn[];
  schema: z.ZodType;
}

type Rest = Partial<Omit<KindDefinition, 'group' | 'version' | 'kind' | 'plural' | 'schema'>>;
const define = (group: string, version: string, kind: string, plural: string, schema: z.ZodType, rest: Rest = {}): KindDefinition => ({
  group,
  version,
  alsoServed: [],
  kind,
  plural,
  singular: kind.toLowerCase(),
  shortNames: [],
  categories: [],
  namespaced: true,
  hasStatus: true,
  columns: [],
  schema,
  ...rest,
});

const column = (name: string, path: string, rest: Partial<PrinterColumn> = {}): PrinterColumn => ({ name, path, ...rest });
const ARGO = [ARGO_GROUP, 'v1alpha1'] as const;
const FLOTILLA = [FLOTILLA_GROUP, 'v1alpha1'] as const;
const EXTERNAL = [EXTERNAL_SECRETS_GROUP, 'v1'] as const;
/** ESO served v1beta1 until 2025; manifests in that version are common. */
const OLD_EXTERNAL: Rest = { alsoServed: ['v1beta1'], categories: ['external-secrets'] };
const STORE_COLUMNS = [
  column('Ready', 'status.conditions[0].status'),
  column('Reason', 'status.conditions[0].reason'),
  column('Capabilities', 'status.capabilities'),
];

export const KINDS: readonly KindDefinition[] = [
  define(...ARGO, 'Application', 'applications', applicationSchema, {
    shortNames: ['app', 'apps'],
    categories: ['all', 'argo'],
    columns: [
      column('Sync Status', 'status.sync.status'),
      column('Health Status', 'status.health.status'),
      column('Cluster', 'spec.destination.name', { wide: true }),
      column('Server', 'spec.destination.server', { wide: true }),
      column('Revision', 'status.sync.revision', { wide: true }),
      column('Project', 'spec.project', { wide: true }),
    ],
  }),
  define(...ARGO, 'ApplicationSet', 'applicationsets', applicationSetSchema, {
    shortNames: ['appset', 'appsets'],
    categories: ['all', 'argo'],
    columns: [column('Applications', 'status.applications', { type: 'integer' })],
  }),
  define(...ARGO, 'AppProject', 'appprojects', appProjectSchema, { shortNames: ['appproj', 'appprojs'], categories: ['argo'] }),
  define(...FLOTILLA, 'Cluster', 'clusters', clusterSchema, {
    namespaced: false,
    categories: ['all', 'flotilla'],
    columns: [
      column('Status', 'status.phase'),
      column('Since', 'status.since', { type: 'date' }),
      column('Kubernetes', 'status.kubernetesVersion'),
      column('Agent', 'status.agentVersion', { wide: true }),
      column('Server', 'spec.server', { wide: true }),
    ],
  }),
  define(...FLOTILLA, 'EnrolmentToken', 'enrolmenttokens', enrolmentTokenSchema, {
    namespaced: false,
    categories: ['flotilla'],
    columns: [
      column('Cluster', 'spec.clusterName'),
      column('Expires', 'spec.expiresAt'),
      column('Used', 'status.used', { type: 'integer' }),
    ],
  }),
  define(...FLOTILLA, 'RolloutPolicy', 'rolloutpolicies', rolloutPolicySchema, { categories: ['flotilla'], hasStatus: false }),
  define(...FLOTILLA, 'Release', 'releases', releaseSchema, {
    categories: ['flotilla'],
    columns: [
      column('Owner', 'spec.owner.name'),
      column('Sequence', 'spec.sequence', { type: 'integer' }),
      column('Members', 'spec.members', { type: 'integer' }),
      column('Phase', 'status.phase'),
    ],
  }),
  define(...FLOTILLA, 'FleetRollout', 'fleetrollouts', fleetRolloutSchema, {
    shortNames: ['fr'],
    categories: ['all', 'flotilla'],
    columns: [
      column('Owner', 'spec.owner.name'),
      column('Phase', 'status.phase'),
      column('Stage', 'status.stage'),
      column('Message', 'status.message', { wide: true }),
    ],
  }),
  define(...FLOTILLA, 'GitSource', 'gitsources', gitSourceSchema, {
    namespaced: false,
    categories: ['flotilla'],
    columns: [column('Repository', 'spec.repoURL'), column('Ref', 'spec.ref'), column('Revision', 'status.revision')],
  }),
  define(...FLOTILLA, 'SecretGrant', 'secretgrants', secretGrantSchema, {
    categories: ['flotilla'],
    columns: [
      column('From', 'spec.from.kind'),
      column('Target', 'spec.target.name'),
      column('Store', 'status.store'),
      column('Version', 'status.version', { wide: true }),
      column('Since', 'status.since', { type: 'date' }),
    ],
  }),
  define(...EXTERNAL, 'SecretStore', 'secretstores', secretStoreSchema, { ...OLD_EXTERNAL, shortNames: ['ss'], columns: STORE_COLUMNS }),
  define(...EXTERNAL, 'ClusterSecretStore', 'clustersecretstores', clusterSecretStoreSchema, {
    ...OLD_EXTERNAL,
    shortNames: ['css'],
    namespaced: false,
    columns: STORE_COLUMNS,
  }),
  define(...EXTERNAL, 'ExternalSecret', 'externalsecrets', externalSecretSchema, {
    ...OLD_EXTERNAL,
    shortNames: ['es'],
    columns: [column('Store', 'spec.secretStoreRef.name'), column('Refresh Interval', 'spec.refreshInterval')],
  }),
  define(SEALED_SECRETS_GROUP, 'v1alpha1', 'SealedSecret', 'sealedsecrets', sealedSecretSchema),
  define(PLACEMENT_GROUP, 'v1beta1', 'PlacementDecision', 'placementdecisions', placementDecisionSchema),
  define('', 'v1', 'Secret', 'secrets', secretSchema, { hasStatus: false, columns: [column('Type', 'type')] }),
  define('', 'v1', 'ConfigMap', 'configmaps', configMapSchema, { shortNames: ['cm'], hasStatus: false }),
  define('', 'v1', 'Namespace', 'namespaces', namespaceSchema, {
    shortNames: ['ns'],
    namespaced: false,
    columns: [column('Status', 'status.phase')],
  }),
];

const byKind = new Map(KINDS.map((definition) => [definition.kind, definition]));

/** The definition of a kind by its name, which is unique among the kinds the store holds. */
export function kindDefinition(kind: string): KindDefinition | undefined {
  return byKind.get(kind);
}

export function apiVersionOf(definition: Pick<KindDefinition, 'group' | 'version'>): string {
  return definition.group === '' ? definition.version : `${definition.group}/${definition.version}`;
}
