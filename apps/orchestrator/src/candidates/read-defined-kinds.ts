import type { BlobStore } from '@flotilla/blobs';
import { parseObjectBlob } from '@flotilla/bundle';
import type { Bundle, BundleItem } from '@flotilla/contracts';
import { type Digest, UnavailableError } from '@flotilla/kernel';
import { textAt } from '@flotilla/kube';
import type { ScopeClaim } from './scope.store.js';

/** Blobs read at once. */
const BATCH = 100;

/**
 * What the CustomResourceDefinitions of a bundle define. Hooks are not applied, so theirs define nothing.
 * @throws UnavailableError when a blob is not there: never "defines nothing"
 */
export async function readDefinedKinds(bundle: Bundle, blobs: BlobStore): Promise<ScopeClaim[]> {
  const definitions = bundle.items.filter(isDefinition);
  const claims: ScopeClaim[] = [];
  for (let i = 0; i < definitions.length; i += BATCH) {
    const part = definitions.slice(i, i + BATCH);
    const found = new Map((await blobs.get(part.map(({ digest }) => digest as Digest))).map((blob) => [blob.digest as string, blob.bytes]));
    for (const { digest, name } of part) {
      const bytes = found.get(digest);
      if (!bytes) throw new UnavailableError(`blob ${digest} of CustomResourceDefinition ${name} is not in the blob store`, { digest });
      claims.push(...claimOf(new TextDecoder().decode(bytes), digest));
    }
  }
  return claims;
}

const isDefinition = ({ group, kind, hook }: BundleItem): boolean =>
  group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition' && hook === undefined;

function claimOf(text: string, digest: string): ScopeClaim[] {
  const object = parseObjectBlob(text, digest);
  const [group, kind, scope] = [textAt(object, 'spec', 'group'), textAt(object, 'spec', 'names', 'kind'), textAt(object, 'spec', 'scope')];
  if (!group || !kind || (scope !== 'Cluster' && scope !== 'Namespaced')) return [];
  return [{ group, kind, scope }];
}
