import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitSource, ResourceDocument } from '@flotilla/contracts';
import type { ResourceStore } from '@flotilla/resources';
import { type GitScheme, mirrorName, readRepositoryUrl } from '../git/repository-url.js';
import type { Repositories } from '../resolving/repositories.js';

const PAGE = 500;
const MIRROR = /^[0-9a-f]{40}\.git$/;
const GONE = /^gone-/;
/** A repository that a set names again tomorrow is not fetched anew. */
const UNUSED_MS = 24 * 3_600_000;

export interface MirrorPlace {
  dataDir: string;
  schemes: readonly GitScheme[];
}

/** Mirrors of repositories that no source has named for a day leave this copy's disk. They are a cache: whoever asks again fetches again. */
export class DropMirrors {
  readonly #store: ResourceStore;
  readonly #repositories: Repositories;
  readonly #place: MirrorPlace;
  readonly #now: () => number;
  readonly #unusedSince = new Map<string, number>();

  constructor(store: ResourceStore, repositories: Repositories, place: MirrorPlace, now: () => number) {
    this.#store = store;
    this.#repositories = repositories;
    this.#place = place;
    this.#now = now;
  }

  /** Returns how many went. Any error before something is removed ends it: nothing is known to be unused then. */
  async run(): Promise<number> {
    const entries = await this.#entries();
    const used = await this.#used();
    const mirrors = entries.filter((name) => MIRROR.test(name));
    for (const name of mirrors) {
      if (used.has(name)) this.#unusedSince.delete(name);
      else this.#unusedSince.set(name, this.#unusedSince.get(name) ?? this.#now());
    }
    const unused = mirrors.filter((name) => this.#now() - (this.#unusedSince.get(name) ?? this.#now()) >= UNUSED_MS);
    for (const name of unused) {
      this.#repositories.letGo(name);
      // Renamed first, so that whoever asks meanwhile begins with an empty directory and not with half of one.
      const gone = `gone-${randomUUID()}`;
      await rename(join(this.#place.dataDir, name), join(this.#place.dataDir, gone));
      entries.push(gone);
      this.#unusedSince.delete(name);
    }
    for (const name of entries) if (GONE.test(name)) await rm(join(this.#place.dataDir, name), { recursive: true, force: true });
    return unused.length;
  }

  async #entries(): Promise<string[]> {
    try {
      return await readdir(this.#place.dataDir);
    } catch (error) {
      // Nothing was fetched yet.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  async #used(): Promise<Set<string>> {
    const names = new Set<string>();
    let page = await this.#store.list<GitSource & ResourceDocument>('GitSource', { limit: PAGE });
    for (;;) {
      for (const { spec } of page.items) names.add(this.#nameOf(spec.repoURL));
      if (page.continue === undefined) return names;
      page = await this.#store.list('GitSource', { limit: PAGE, continue: page.continue });
    }
  }

  /** An address that cannot be read has no mirror. */
  #nameOf(repoURL: string): string {
    try {
      return mirrorName(readRepositoryUrl(repoURL, this.#place.schemes));
    } catch {
      return '';
    }
  }
}
