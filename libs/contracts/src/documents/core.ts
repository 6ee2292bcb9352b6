import { z } from 'zod';
import { objectMetaSchema } from './meta.js';

/** Stored Secrets hold sealed values in `data`; only the keyring opens them. */
export const secretSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: objectMetaSchema,
  type: z.string().optional(),
  immutable: z.boolean().optional(),
  data: z.record(z.string(), z.string()).optional(),
  stringData: z.record(z.string(), z.string()).optional(),
});

export const configMapSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata: objectMetaSchema,
  immutable: z.boolean().optional(),
  data: z.record(z.string(), z.string()).optional(),
  binaryData: z.record(z.string(), z.string()).optional(),
});

/** The hub keeps no namespace rows: configured ones exist implicitly, and a created one is remembered. */
export const namespaceSchema = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Namespace'),
  metadata: objectMetaSchema,
  spec: z.looseObject({}).optional(),
  status: z.looseObject({ phase: z.string().optional() }).optional(),
});

export type Secret = z.infer<typeof secretSchema>;
export type ConfigMap = z.infer<typeof configMapSchema>;
export type Namespace = z.infer<typeof namespaceSchema>;

export const SECRET_TYPE_LABEL = 'argocd.argoproj.io/secret-type';
