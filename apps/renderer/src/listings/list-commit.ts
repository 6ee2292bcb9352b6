import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '@flotilla/blobs';
import { canonicalJson, type Digest, digestBytes, FlotillaError } from '@flotilla/kernel';
import type { SourceTree } from '@flotilla/render';
import type { Repositories } from '../resolving/repositories.js';
import { toVerbError } from '../resolving/verb-error.js';
import { matchFiles } from './match-files.js';
import { readFiles } from './read-files.js';

/** `project`: whose credentials may be used. */
interface ListedCommit {
  repoURL: string;
  commit: string;
  project?: string | undefined;
}

interface ListedFiles extends ListedCommit {
  patterns: string[];
  exclude: string[];
  globs?: 'pathspec' | 'doublestar' | undefined;
}

type ListingReply = { digest: string } | { error: ReturnType<typeof toVerbError> };

/** Verbs `directories` and `files`: what git generators look at, stored as one blob. */
export class ListCommit {
  readonly #repositories: Repositories;
  readonly #blobs: BlobStore;

  constructor(repositories: Repositories, blobs: BlobStore) {
    this.#repositories = repositories;
    this.#blobs = blobs;
  }

  /** Every directory of the commit but those that are hidden or below hidden ones, sorted. */
  directories(request: ListedCommit): Promise<ListingReply> {
    return this.#answer(async () => directoriesOf(await this.#tree(request)));
  }

  /**
   * Files that any pattern selects and no exclusion does, with their text. Patterns are git pathspecs, where `*` crosses `/`, or
   * `doublestar`, where `**` does.
   */
  files(request: ListedFiles): Promise<ListingReply> {
    return this.#answer(async () => {
      const { repoURL, commit, patterns, exclude, globs } = request;
      const tree = await this.#tree(request);
      const paths = globs === 'doublestar' ? matchFiles(tree, patterns, exclude) : await this.#matching(repoURL, commit, patterns, exclude);
      return readFiles(tree, paths);
    });
  }

  async #tree({ repoURL, commit, project }: ListedCommit): Promise<SourceTree> {
    await this.#repositories.checkProject(repoURL, project);
    const repository = this.#repositories.at(repoURL);
    await repository.ensure(commit);
    return repository.mirror.tree(commit);
  }

  async #matching(repoURL: string, commit: string, patterns: string[], exclude: string[]): Promise<string[]> {
    const { mirror } = this.#repositories.at(repoURL);
    const scratch = await mkdtemp(join(tmpdir(), 'flotilla-index-'));
    try {
      const selected = await mirror.matching(commit, patterns, scratch);
      const excluded = new Set(exclude.length > 0 ? await mirror.matching(commit, exclude, scratch) : []);
      return selected.filter((path) => !excluded.has(path)).sort();
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async #answer(list: () => Promise<unknown>): Promise<ListingReply> {
    try {
      const text = canonicalJson(await list());
      const digest: Digest = digestBytes(text);
      await this.#blobs.put([{ digest, bytes: Buffer.from(text), sealed: false }]);
      return { digest };
    } catch (error) {
      if (error instanceof FlotillaError) return { error: toVerbError(error) };
      throw error;
    }
  }
}

export function directoriesOf(tree: SourceTree): string[] {
  const directories = new Set<string>();
  for (const path of tree.entries.keys()) {
    const parts = path.split('/').slice(0, -1);
    const hidden = parts.findIndex((part) => part.startsWith('.'));
    const shown = hidden < 0 ? parts : parts.slice(0, hidden);
    for (let i = 1; i <= shown.length; i++) directories.add(shown.slice(0, i).join('/'));
  }
  return [...directories].sort();
}
