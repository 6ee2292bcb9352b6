import { DELETE_AFTER_ANNOTATION, GENERATED_FROM_ANNOTATION, type ResourceDocument } from '@flotilla/contracts';

/** Notes about the object, which say nothing of what it deploys. */
const NOTES = ['kubectl.kubernetes.io/last-applied-configuration', GENERATED_FROM_ANNOTATION, DELETE_AFTER_ANNOTATION];

/** What a set decides over: without status, versions and what others wrote about the object itself. */
export function comparable({ apiVersion, kind, metadata, spec }: ResourceDocument): Record<string, unknown> {
  const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !NOTES.includes(key)));
  const owners = (metadata.ownerReferences ?? []).map((owner) => ({
    kind: owner.kind,
    name: owner.name,
    controller: owner.controller === true,
  }));
  return {
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      ...some('labels', metadata.labels),
      ...some('annotations', annotations),
      ...some('finalizers', metadata.finalizers),
      ...some('ownerReferences', owners),
    },
    spec,
  };
}

/** Empty maps and lists are the same as none. */
function some(key: string, value: object | undefined): Record<string, unknown> {
  return value && Object.keys(value).length > 0 ? { [key]: value } : {};
}
