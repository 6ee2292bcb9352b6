import { z } from 'zod';
import { labelSelectorSchema } from './application-set.js';
import { conditionSchema, objectMetaSchema } from './meta.js';

/** Kinds of the External Secrets Operator and of SealedSecrets, as their users write them (ESO apis/externalsecrets/v1). */
export const EXTERNAL_SECRETS_GROUP = 'external-secrets.io';
export const SEALED_SECRETS_GROUP = 'bitnami.com';

/** Which projects' applications may use a store: names or globs, comma-separated; all without it. */
export const STORE_PROJECTS_ANNOTATION = 'flotilla.dev/projects';

/** A shorter refreshInterval is read as this one: a provider is asked for the whole fleet at once, but not more often. */
export const MIN_REFRESH_MS = 10_000;

/** Scopes of a SealedSecret; strict without one of these set to "true". */
export const NAMESPACE_WIDE_ANNOTATION = 'sealedsecrets.bitnami.com/namespace-wide';
export const CLUSTER_WIDE_ANNOTATION = 'sealedsecrets.bitnami.com/cluster-wide';

const amount = z.union([z.string(), z.number()]);

/** What a provider is told stands below its one key; each provider has its own schema for it. */
const storeSpecSchema = z.object({
  provider: z.record(z.string(), z.unknown()),
  refreshInterval: amount.optional(),
  retrySettings: z.looseObject({}).optional(),
  controller: z.string().optional(),
  /** ClusterSecretStore only: namespaces it serves; all without it. */
  conditions: z
    .array(
      z.object({
        namespaces: z.array(z.string()).optional(),
        namespaceSelector: labelSelectorSchema.optional(),
        namespaceRegexes: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

/** Where a provider's own authority stands: a Secret or ConfigMap of the hub (ESO apis/externalsecrets/v1 CAProvider). */
export const caProviderSchema = z.object({
  type: z.enum(['Secret', 'ConfigMap']),
  name: z.string().min(1),
  key: z.string().min(1),
  /** In a ClusterSecretStore, where it is required. */
  namespace: z.string().optional(),
});

const storeStatusSchema = z
  .looseObject({
    capabilities: z.string().optional(),
    conditions: z.array(conditionSchema).optional(),
  })
  .optional();

const storeOf = <K extends 'SecretStore' | 'ClusterSecretStore'>(kind: K) =>
  z.object({
    apiVersion: z.literal('external-secrets.io/v1'),
    kind: z.literal(kind),
    metadata: objectMetaSchema,
    spec: storeSpecSchema,
    status: storeStatusSchema,
  });
export const secretStoreSchema = storeOf('SecretStore');
export const clusterSecretStoreSchema = storeOf('ClusterSecretStore');

const storeRefSchema = z.object({ name: z.string(), kind: z.string().optional() });

export const remoteRefSchema = z.object({
  key: z.string(),
  property: z.string().optional(),
  version: z.string().optional(),
  decodingStrategy: z.enum(['None', 'Base64', 'Base64URL', 'Auto']).optional(),
  conversionStrategy: z.enum(['Default', 'Unicode']).optional(),
  metadataPolicy: z.string().optional(),
});

/** Fields whose values are opaque here are known, so that admission can name them when it refuses them. */
export const externalSecretSchema = z.object({
  apiVersion: z.literal('external-secrets.io/v1'),
  kind: z.literal('ExternalSecret'),
  metadata: objectMetaSchema,
  spec: z.object({
    secretStoreRef: storeRefSchema.optional(),
    refreshInterval: amount.optional(),
    refreshPolicy: z.enum(['Periodic', 'CreatedOnce', 'OnChange']).optional(),
    target: z
      .object({
        name: z.string().optional(),
        creationPolicy: z.string().optional(),
        deletionPolicy: z.enum(['Retain', 'Delete', 'Merge']).optional(),
        immutable: z.boolean().optional(),
        manifest: z.unknown().optional(),
        template: z
          .object({
            engineVersion: z.string().optional(),
            type: z.string().optional(),
            mergePolicy: z.enum(['Replace', 'Merge']).optional(),
            metadata: z
              .object({
                labels: z.record(z.string(), z.string()).optional(),
                annotations: z.record(z.string(), z.string()).optional(),
                finalizers: z.array(z.string()).optional(),
              })
              .optional(),
            data: z.record(z.string(), z.string()).optional(),
            templateFrom: z.unknown().optional(),
          })
          .optional(),
      })
      .optional(),
    data: z
      .array(
        z.object({
          secretKey: z.string(),
          remoteRef: remoteRefSchema,
          sourceRef: z.unknown().optional(),
        }),
      )
      .optional(),
    dataFrom: z
      .array(
        z.object({
          extract: remoteRefSchema.optional(),
          find: z.unknown().optional(),
          rewrite: z.unknown().optional(),
          sourceRef: z.unknown().optional(),
        }),
      )
      .optional(),
  }),
  status: z.looseObject({}).optional(),
});

const sealedTemplateSchema = z.object({
  metadata: z
    .looseObject({
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .nullable()
    .optional(),
  type: z.string().optional(),
  immutable: z.boolean().optional(),
  data: z.record(z.string(), z.string()).nullable().optional(),
});

export const sealedSecretSchema = z.object({
  apiVersion: z.literal('bitnami.com/v1alpha1'),
  kind: z.literal('SealedSecret'),
  metadata: objectMetaSchema,
  spec: z.object({
    encryptedData: z.record(z.string(), z.string()).optional(),
    /** The form before encryptedData: one ciphertext of the whole Secret. */
    data: z.string().optional(),
    template: sealedTemplateSchema.optional(),
  }),
  status: z.looseObject({}).optional(),
});

export type SecretStoreDocument = z.infer<typeof secretStoreSchema> | z.infer<typeof clusterSecretStoreSchema>;
export type ExternalSecret = z.infer<typeof externalSecretSchema>;
export type CaProvider = z.infer<typeof caProviderSchema>;
export type RemoteRef = z.infer<typeof remoteRefSchema>;
export type SealedSecret = z.infer<typeof sealedSecretSchema>;
