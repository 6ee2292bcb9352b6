import type { BundleItem, Grant } from '@flotilla/contracts';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { type KubeObject, textAt } from '@flotilla/kube';

type CreationPolicy = Grant['creationPolicy'];

/** A Secret that a reference of a bundle asks for, wherever the bundle goes; namespaces are as rendered. */
export interface AskedSecret {
  from: { kind: 'ExternalSecret' | 'SealedSecret'; namespace: string; name: string; digest: string };
  targetName: string;
  wave: number;
  creationPolicy: CreationPolicy;
}

/** ESO's policies (apis/externalsecrets/v1) that are carried out; `None` writes no Secret at all. */
const POLICIES: readonly string[] = ['Owner', 'Orphan', 'Merge', 'None'];

/**
 * What a reference asks for; undefined when it wants no Secret.
 * @throws InvalidInputError for a policy that does not exist, or is not carried out
 */
export function askedSecretOf(item: BundleItem, object: KubeObject): AskedSecret | undefined {
  const { kind, namespace, name, digest, wave } = item;
  // A SealedSecret's Secret has its name, whatever its template says (sealed-secrets pkg/apis/sealedsecrets/v1alpha1 Unseal).
  if (kind === 'SealedSecret') return { from: { kind, namespace, name, digest }, targetName: name, wave, creationPolicy: 'Owner' };
  const target = isObject(object.spec) && isObject(object.spec.target) ? object.spec.target : {};
  const asked = target.creationPolicy ?? 'Owner';
  if (typeof asked !== 'string' || !POLICIES.includes(asked)) {
    const nearest = asked === 'CreateOrMerge' ? '; Orphan writes the same keys into whatever Secret there is, and never deletes it' : '';
    throw new InvalidInputError(
      `ExternalSecret ${JSON.stringify(name)}: spec.target.creationPolicy ${JSON.stringify(asked)} is none of ${POLICIES.join(', ')}${nearest}`,
      { name },
    );
  }
  if (asked === 'None') return undefined;
  const targetName = textAt(object, 'spec', 'target', 'name') || name;
  return { from: { kind: 'ExternalSecret', namespace, name, digest }, targetName, wave, creationPolicy: asked as CreationPolicy };
}

/** The Secret as an object of the bundle, for whoever judges objects. */
export const targetItem = ({ from, targetName, wave }: AskedSecret): BundleItem => ({
  group: '',
  version: 'v1',
  kind: 'Secret',
  namespace: from.namespace,
  name: targetName,
  digest: from.digest,
  wave,
});

/**
 * Why the Secrets a bundle asks for cannot be told apart from its other objects. Two writers of one Secret would take turns, also
 * where one only merges keys, because all of an application's fields have one field manager.
 */
export function doubledTarget(items: readonly BundleItem[], asked: readonly AskedSecret[], fallback: string): string | undefined {
  const place = (namespace: string, name: string): string => `${namespace || fallback}/${name}`;
  const writers = new Map<string, string>();
  for (const { group, kind, namespace, name } of items)
    if (group === '' && kind === 'Secret') writers.set(place(namespace, name), `Secret ${JSON.stringify(name)} of this application`);
  for (const { from, targetName } of asked) {
    const title = `${from.kind} ${JSON.stringify(from.name)}`;
    const other = writers.get(place(from.namespace, targetName));
    if (other) return `${title} writes Secret ${place(from.namespace, targetName)}, and so does ${other}; give one of them another target`;
    writers.set(place(from.namespace, targetName), title);
  }
  return undefined;
}
