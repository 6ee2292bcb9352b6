import { CLUSTER_WIDE_ANNOTATION, NAMESPACE_WIDE_ANNOTATION, type SealedSecret } from '@flotilla/contracts';

/**
 * What a ciphertext is bound to (sealed-secrets EncryptionLabel): namespace and name, the namespace alone, or nothing. It is read
 * from the SealedSecret's own annotations, never from its template: whoever may write a template widens nothing (CVE-2026-22728).
 */
export function scopeLabel(
  { metadata: { annotations = {} } }: Pick<SealedSecret, 'metadata'>,
  place: { namespace: string; name: string },
): string {
  if (annotations[CLUSTER_WIDE_ANNOTATION] === 'true') return '';
  if (annotations[NAMESPACE_WIDE_ANNOTATION] === 'true') return place.namespace;
  return `${place.namespace}/${place.name}`;
}
