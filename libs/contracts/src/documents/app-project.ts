import { z } from 'zod';
import { objectMetaSchema } from './meta.js';

const groupKind = z.object({ group: z.string(), kind: z.string(), name: z.string().optional() });
const strings = z.array(z.string());

export const syncWindowSchema = z.object({
  kind: z.string().optional(),
  schedule: z.string().optional(),
  duration: z.string().optional(),
  applications: strings.optional(),
  namespaces: strings.optional(),
  clusters: strings.optional(),
  manualSync: z.boolean().optional(),
  timeZone: z.string().optional(),
  andOperator: z.boolean().optional(),
  description: z.string().optional(),
  syncOverrun: z.boolean().optional(),
});

export const appProjectSpecSchema = z.object({
  description: z.string().optional(),
  sourceRepos: strings.optional(),
  sourceNamespaces: strings.optional(),
  destinations: z
    .array(z.object({ server: z.string().optional(), name: z.string().optional(), namespace: z.string().optional() }))
    .optional(),
  clusterResourceWhitelist: z.array(groupKind).optional(),
  clusterResourceBlacklist: z.array(groupKind).optional(),
  namespaceResourceWhitelist: z.array(groupKind).nullable().optional(),
  namespaceResourceBlacklist: z.array(groupKind).optional(),
  roles: z
    .array(
      z.object({
        name: z.string(),
        description: z.string().optional(),
        policies: strings.optional(),
        groups: strings.optional(),
        jwtTokens: z.array(z.object({ iat: z.number(), exp: z.number().optional(), id: z.string().optional() })).optional(),
      }),
    )
    .optional(),
  syncWindows: z.array(syncWindowSchema).optional(),
  orphanedResources: z
    .object({
      warn: z.boolean().optional(),
      ignore: z.array(z.object({ group: z.string().optional(), kind: z.string().optional(), name: z.string().optional() })).optional(),
    })
    .optional(),
  signatureKeys: z.array(z.object({ keyID: z.string() })).optional(),
  permitOnlyProjectScopedClusters: z.boolean().optional(),
  destinationServiceAccounts: z
    .array(z.object({ server: z.string(), namespace: z.string().optional(), defaultServiceAccount: z.string() }))
    .optional(),
});

export const appProjectSchema = z.object({
  apiVersion: z.literal('argoproj.io/v1alpha1'),
  kind: z.literal('AppProject'),
  metadata: objectMetaSchema,
  spec: appProjectSpecSchema,
  status: z.looseObject({}).optional(),
});
export type AppProject = z.infer<typeof appProjectSchema>;
export type AppProjectSpec = z.infer<typeof appProjectSpecSchema>;
