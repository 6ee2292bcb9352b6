import { zstdDecompressSync } from 'node:zlib';
import { type DesiredBody, desiredBodySchema, type Grant } from '@flotilla/contracts';
import { LRUCache } from 'lru-cache';
import type { DocumentStore, SpokeView } from './document.store.js';

/** A document larger than this does not expand: assignments of one cluster stay far below. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_CACHED = 512;

/** What the stored document of a spoke lets it read. */
export interface NamedByDocument {
  /** `app bundle` pairs. */
  bundles: ReadonlySet<string>;
  /** By id, with the namespace of the application. */
  grants: ReadonlyMap<string, Grant & { namespace: string }>;
}

/** Stored documents as they are asked about: a spoke may read what its document names, not what it will name next. */
export class DocumentBodies {
  readonly #documents: DocumentStore;
  readonly #named = new LRUCache<string, NamedByDocument>({ max: MAX_CACHED });

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  async of({ cluster, position }: SpokeView): Promise<NamedByDocument | undefined> {
    const known = this.#named.get(`${cluster} ${position?.epoch} ${position?.generation}`);
    if (known) return known;
    const document = await this.#documents.read(cluster);
    if (!document) return undefined;
    const text = zstdDecompressSync(document.body, { maxOutputLength: MAX_BODY_BYTES }).toString();
    const named = namedBy(desiredBodySchema.parse(JSON.parse(text)));
    const { epoch, generation } = document.signed.header;
    this.#named.set(`${cluster} ${epoch} ${generation}`, named);
    return named;
  }
}

function namedBy({ apps, grants }: DesiredBody): NamedByDocument {
  const namespaces = new Map(apps.map(({ uid, namespace }) => [uid, namespace]));
  return {
    bundles: new Set(apps.map(({ uid, bundle }) => `${uid} ${bundle}`)),
    grants: new Map(grants.map((grant) => [grant.id, { ...grant, namespace: namespaces.get(grant.app) ?? '' }])),
  };
}
