import { z } from 'zod';
import { objectMetaSchema } from './meta.js';

const strings = z.array(z.string());
const stringMap = z.record(z.string(), z.string());

export const helmSourceSchema = z.object({
  valueFiles: strings.optional(),
  parameters: z.array(z.object({ name: z.string(), value: z.string().optional(), forceString: z.boolean().optional() })).optional(),
  fileParameters: z.array(z.object({ name: z.string(), path: z.string() })).optional(),
  releaseName: z.string().optional(),
  values: z.string().optional(),
  valuesObject: z.record(z.string(), z.unknown()).optional(),
  version: z.string().optional(),
  passCredentials: z.boolean().optional(),
  ignoreMissingValueFiles: z.boolean().optional(),
  skipCrds: z.boolean().optional(),
  skipSchemaValidation: z.boolean().optional(),
  skipTests: z.boolean().optional(),
  namespace: z.string().optional(),
  kubeVersion: z.string().optional(),
  apiVersions: strings.optional(),
});

export const kustomizeSourceSchema = z.object({
  namePrefix: z.string().optional(),
  nameSuffix: z.string().optional(),
  images: strings.optional(),
  replicas: z.array(z.object({ name: z.string(), count: z.union([z.number().int(), z.string()]) })).optional(),
  commonLabels: stringMap.optional(),
  commonAnnotations: stringMap.optional(),
  commonAnnotationsEnvsubst: z.boolean().optional(),
  forceCommonLabels: z.boolean().optional(),
  forceCommonAnnotations: z.boolean().optional(),
  labelWithoutSelector: z.boolean().optional(),
  labelIncludeTemplates: z.boolean().optional(),
  ignoreMissingComponents: z.boolean().optional(),
  namespace: z.string().optional(),
  components: strings.optional(),
  version: z.string().optional(),
  kubeVersion: z.string().optional(),
  apiVersions: strings.optional(),
  patches: z
    .array(
      z.object({
        path: z.string().optional(),
        patch: z.string().optional(),
        options: z.record(z.string(), z.boolean()).optional(),
        target: z
          .object({
            group: z.string().optional(),
            version: z.string().optional(),
            kind: z.string().optional(),
            name: z.string().optional(),
            namespace: z.string().optional(),
            labelSelector: z.string().optional(),
            annotationSelector: z.string().optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

export const directorySourceSchema = z.object({
  recurse: z.boolean().optional(),
  include: z.string().optional(),
  exclude: z.string().optional(),
  jsonnet: z
    .object({
      extVars: z.array(z.object({ name: z.string(), value: z.string(), code: z.boolean().optional() })).optional(),
      tlas: z.array(z.object({ name: z.string(), value: z.string(), code: z.boolean().optional() })).optional(),
      libs: strings.optional(),
    })
    .optional(),
});

export const sourceSchema = z.object({
  repoURL: z.string(),
  path: z.string().optional(),
  targetRevision: z.string().optional(),
  chart: z.string().optional(),
  ref: z.string().optional(),
  name: z.string().optional(),
  helm: helmSourceSchema.optional(),
  kustomize: kustomizeSourceSchema.optional(),
  directory: directorySourceSchema.optional(),
  plugin: z
    .object({
      name: z.string().optional(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
      parameters: z.array(z.record(z.string(), z.unknown())).optional(),
    })
    .optional(),
});

export const destinationSchema = z.object({ server: z.string().optional(), name: z.string().optional(), namespace: z.string().optional() });

const backoffSchema = z.object({
  duration: z.union([z.string(), z.number()]).optional(),
  factor: z.number().int().optional(),
  maxDuration: z.string().optional(),
});

export const syncPolicySchema = z.object({
  automated: z
    .object({
      enabled: z.boolean().optional(),
      prune: z.boolean().optional(),
      selfHeal: z.boolean().optional(),
      allowEmpty: z.boolean().optional(),
    })
    .nullable()
    .optional(),
  syncOptions: strings.optional(),
  retry: z.object({ limit: z.number().int().optional(), backoff: backoffSchema.optional(), refresh: z.boolean().optional() }).optional(),
  managedNamespaceMetadata: z.object({ labels: stringMap.optional(), annotations: stringMap.optional() }).optional(),
  /** Extensions of ours (oddity A06): accepted, stored, and warned about until they are in force. */
  healthCheckTimeout: z.number().optional(),
  healthCheckMaxRetries: z.number().optional(),
});

export const ignoreDifferenceSchema = z.object({
  group: z.string().optional(),
  kind: z.string(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  jsonPointers: strings.optional(),
  jqPathExpressions: strings.optional(),
  managedFieldsManagers: strings.optional(),
});

export const applicationSpecSchema = z.object({
  project: z.string(),
  source: sourceSchema.optional(),
  sources: z.array(sourceSchema).optional(),
  destination: destinationSchema,
  syncPolicy: syncPolicySchema.optional(),
  ignoreDifferences: z.array(ignoreDifferenceSchema).optional(),
  info: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  revisionHistoryLimit: z.number().int().optional(),
});

/** A sync that somebody asked for, in the shape of Argo CD's `operation` field. */
export const operationSchema = z.object({
  initiatedBy: z.object({ username: z.string().optional(), automated: z.boolean().optional() }).optional(),
  info: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  sync: z
    .object({
      revision: z.string().optional(),
      prune: z.boolean().optional(),
      dryRun: z.boolean().optional(),
      syncOptions: strings.optional(),
      resources: z
        .array(z.object({ group: z.string().optional(), kind: z.string(), name: z.string(), namespace: z.string().optional() }))
        .optional(),
    })
    .optional(),
  retry: z.object({ limit: z.number().int().optional(), backoff: backoffSchema.optional() }).optional(),
});

export const healthStatusSchema = z.enum(['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown']);
export const syncStatusSchema = z.enum(['Synced', 'OutOfSync', 'Unknown']);
export const operationPhaseSchema = z.enum(['Running', 'Terminating', 'Failed', 'Error', 'Succeeded']);

/** `status` of an Application in Argo CD's shape, plus `observedAt` and `unknownSince` (ours; RFC 3339). */
export const applicationStatusSchema = z.looseObject({
  sync: z.looseObject({ status: syncStatusSchema, revision: z.string().optional(), revisions: strings.optional() }).optional(),
  health: z
    .looseObject({ status: healthStatusSchema, message: z.string().optional(), lastTransitionTime: z.string().optional() })
    .optional(),
  resources: z.array(z.looseObject({ kind: z.string(), name: z.string() })).optional(),
  history: z.array(z.looseObject({ id: z.number(), revision: z.string(), deployedAt: z.string() })).optional(),
  conditions: z.array(z.looseObject({ type: z.string(), message: z.string(), lastTransitionTime: z.string().optional() })).optional(),
  operationState: z.looseObject({ phase: operationPhaseSchema, message: z.string().optional() }).optional(),
  observedAt: z.string().optional(),
  unknownSince: z.string().optional(),
  reconciledAt: z.string().optional(),
});

export const applicationSchema = z.object({
  apiVersion: z.literal('argoproj.io/v1alpha1'),
  kind: z.literal('Application'),
  metadata: objectMetaSchema,
  spec: applicationSpecSchema,
  operation: operationSchema.optional(),
  status: applicationStatusSchema.optional(),
});

export type Application = z.infer<typeof applicationSchema>;
export type ApplicationSpec = z.infer<typeof applicationSpecSchema>;
export type ApplicationSource = z.infer<typeof sourceSchema>;
export type ApplicationDestination = z.infer<typeof destinationSchema>;
export type ApplicationStatus = z.infer<typeof applicationStatusSchema>;
export type HelmSource = z.infer<typeof helmSourceSchema>;
export type KustomizeSource = z.infer<typeof kustomizeSourceSchema>;
export type DirectorySource = z.infer<typeof directorySourceSchema>;
export type SyncPolicy = z.infer<typeof syncPolicySchema>;
export type IgnoreDifference = z.infer<typeof ignoreDifferenceSchema>;
export type Operation = z.infer<typeof operationSchema>;
export type HealthStatus = z.infer<typeof healthStatusSchema>;
export type SyncStatus = z.infer<typeof syncStatusSchema>;
export type OperationPhase = z.infer<typeof operationPhaseSchema>;

/** The sources of an Application in order, whichever of the two fields holds them. */
export function sourcesOf(spec: ApplicationSpec): ApplicationSource[] {
  return spec.sources && spec.sources.length > 0 ? spec.sources : spec.source ? [spec.source] : [];
}
