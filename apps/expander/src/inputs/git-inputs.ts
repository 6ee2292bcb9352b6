import type { BlobStore } from '@flotilla/blobs';
import { listingReplySchema, type ResolveReply, resolveReplySchema, type VerbError } from '@flotilla/contracts';
import type { FileGlobs, GeneratorPorts, RepositoryFile } from '@flotilla/generators';
import { type Digest, UnavailableError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import { z } from 'zod';

const directoriesSchema = z.array(z.string());
const filesSchema = z.array(z.object({ path: z.string(), text: z.string() }));
/** The renderer may have to fetch a repository it has never seen. */
const ASK_TIMEOUT_MS = 180_000;

interface ListingRequest {
  repoURL: string;
  commit: string;
  project?: string;
  patterns?: readonly string[];
  exclude?: readonly string[];
  globs?: FileGlobs;
}

/** How one expansion asks: whose credentials it may use, and how patterns of files are read. */
export interface GitScope {
  project?: string | undefined;
  globs?: FileGlobs | undefined;
  /** Takes the commits that were found, by `<repoURL> <ref>`. */
  resolved?: Map<string, string>;
}

/** The newest commit when a generator names no revision. */
export const DEFAULT_REVISION = 'HEAD';

/**
 * Repositories through the renderer, for one expansion: each (repository, revision) is resolved once, so that every
 * generator of the set sees the same commit.
 */
export class GitInputs implements Pick<GeneratorPorts, 'directories' | 'files'> {
  readonly #bus: MessageBus;
  readonly #blobs: BlobStore;
  readonly #scope: { project?: string };
  readonly #globs: { globs?: FileGlobs };
  readonly #commits = new Map<string, Promise<string>>();
  readonly #resolved: Map<string, string> | undefined;

  constructor(bus: MessageBus, blobs: BlobStore, { project, globs, resolved }: GitScope) {
    this.#bus = bus;
    this.#resolved = resolved;
    this.#blobs = blobs;
    this.#scope = project ? { project } : {};
    this.#globs = globs ? { globs } : {};
  }

  async directories(repoURL: string, revision: string): Promise<readonly string[]> {
    const commit = await this.#commit(repoURL, revision);
    return this.#listing('directories', { repoURL, commit, ...this.#scope }, directoriesSchema);
  }

  async files(
    repoURL: string,
    revision: string,
    patterns: readonly string[],
    exclude: readonly string[],
  ): Promise<readonly RepositoryFile[]> {
    const commit = await this.#commit(repoURL, revision);
    return this.#listing('files', { repoURL, commit, ...this.#scope, ...this.#globs, patterns, exclude }, filesSchema);
  }

  #commit(repoURL: string, revision: string): Promise<string> {
    const ref = revision === '' ? DEFAULT_REVISION : revision;
    const key = `${repoURL} ${ref}`;
    let commit = this.#commits.get(key);
    if (!commit) {
      commit = this.#resolve(repoURL, ref);
      this.#commits.set(key, commit);
    }
    return commit;
  }

  async #resolve(repoURL: string, ref: string): Promise<string> {
    const request = { refs: [{ repoURL, ref, ...this.#scope }] };
    const options = { timeoutMs: ASK_TIMEOUT_MS, reply: resolveReplySchema };
    const { refs } = await this.#bus.ask<ResolveReply>('renderer', 'resolve', request, options);
    const [answer] = refs;
    if (!answer) throw new UnavailableError(`the renderer did not say which commit ${ref} of ${repoURL} is`);
    if ('error' in answer) throw unreadable(`${ref} of ${repoURL}`, answer.error);
    this.#resolved?.set(`${repoURL} ${ref}`, answer.commit);
    return answer.commit;
  }

  async #listing<T>(verb: 'directories' | 'files', request: ListingRequest, schema: z.ZodType<T>): Promise<T> {
    const reply = await this.#bus.ask('renderer', verb, request, { timeoutMs: ASK_TIMEOUT_MS, reply: listingReplySchema });
    if ('error' in reply) throw unreadable(`the ${verb} of ${request.repoURL} at ${request.commit}`, reply.error);
    const [blob] = await this.#blobs.get([reply.digest as Digest]);
    if (!blob) throw new UnavailableError(`the listing ${reply.digest} of ${request.repoURL} is not in the blob store`);
    return schema.parse(JSON.parse(Buffer.from(blob.bytes).toString('utf8')));
  }
}

function unreadable(what: string, { code, message }: VerbError): UnavailableError {
  return new UnavailableError(`${what}: ${message}`, { code });
}
