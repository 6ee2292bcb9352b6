import { CLUSTER_WIDE_ANNOTATION, NAMESPACE_WIDE_ANNOTATION, type SealedSecret } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import type { KindRule } from '../admission.js';

const MANAGED_ANNOTATION = 'sealedsecrets.bitnami.com/managed';
const SCOPES = [NAMESPACE_WIDE_ANNOTATION, CLUSTER_WIDE_ANNOTATION];

/** Programs written in Go, kubeseal among them, write fields without a value as null (`creationTimestamp: null`): they are absent. */
export const decodeWithoutNulls: KindRule = (document) => dropNulls(document);

function dropNulls(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) dropNulls(item);
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (member === null) delete value[key];
    else dropNulls(member);
  }
}

/** Ciphertext that cannot be one is accepted and said: the grant's condition says it again, and the rest of the release goes on. */
export const checkSealedSecret: KindRule = (document, findings, context) => {
  const { metadata, spec } = document as unknown as SealedSecret;
  if (!context.byService) findings.warn('a SealedSecret on the hub reaches no cluster: put it among the manifests of an Application');
  if (spec.data !== undefined)
    findings.error('spec.data', 'is the form before spec.encryptedData and is not read; seal the Secret again with a current kubeseal');
  else if (!spec.encryptedData) findings.error('spec.encryptedData', 'is required');
  for (const [key, value] of Object.entries(spec.encryptedData ?? {})) {
    if (!isBase64(value)) findings.warn(`encryptedData.${key} is not valid base64: no key could decrypt it`);
  }
  const { annotations = {} } = metadata;
  if (annotations[MANAGED_ANNOTATION] !== undefined && !SCOPES.some((key) => annotations[key] === 'true')) {
    findings.warn(
      `metadata.annotations.${MANAGED_ANNOTATION} is no scope, so the scope is strict; wider ones are ${SCOPES.join(' and ')}, set to "true"`,
    );
  }
  const misplaced = SCOPES.find((key) => spec.template?.metadata?.annotations?.[key] === 'true' && annotations[key] !== 'true');
  if (misplaced) findings.warn(`${misplaced} in spec.template sets no scope; it is read from metadata.annotations of the SealedSecret`);
};

function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
