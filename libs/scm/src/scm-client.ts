import { type AddressPolicy, HttpClient } from '@flotilla/http';
import { type Clock, systemClock } from '@flotilla/kernel';
import type { Access, ScmSecrets } from './access.js';
import { HostStates } from './api/host-state.js';
import { ResponseCache } from './api/response-cache.js';
import { ScmApi } from './api/scm-api.js';
import { compilePullRequestFilters } from './filter/pull-request-filter.js';
import { compileRepositoryFilters } from './filter/repository-filter.js';
import { type PullRequestSpec, readPullRequest, readScmProvider, type ScmProviderSpec } from './generator-spec.js';
import { DEFAULT_SCM_LIMITS, type ScmLimits } from './limits.js';
import { HostPullRequests, HostRepositories } from './list-host.js';
import type { PullRequestLister, RepositoryLister } from './lister.js';
import type { ScmPullRequest, SelectedBranch } from './repository.js';
import { ScmNotFoundError, ScmSpecError } from './scm.errors.js';
import { selectRepositories } from './select-repositories.js';

export interface ScmClientOptions {
  addresses: AddressPolicy;
  limits?: Partial<ScmLimits>;
  clock?: Clock;
  userAgent?: string;
}

/** Whose secrets a call may use, and what gives it up. */
export interface ScmCall {
  secrets: ScmSecrets;
  signal?: AbortSignal;
}

/** `authorization` header a credential may be: one line of visible characters. */
const HEADER_TEXT = /^[\x21-\x7e]+( [\x21-\x7e]+)?$/;
const MAX_SECRET = 8_192;

/**
 * The Git hosts as the generators scmProvider and pullRequest ask them. One for a process: it keeps what calls share (cached
 * answers, calls under way, waits that hosts asked for). Every method takes the generator's value with its tags filled and
 * answers whole or throws an error of `scm.errors.ts`, one of @flotilla/http, or what `secrets` throws.
 */
export class ScmClient {
  readonly #options: ScmClientOptions;
  readonly #limits: ScmLimits;
  readonly #clock: Clock;
  readonly #states: HostStates;
  readonly #cache: ResponseCache;

  constructor(options: ScmClientOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_SCM_LIMITS, ...options.limits };
    this.#clock = options.clock ?? systemClock;
    this.#states = new HostStates(this.#limits.concurrency);
    this.#cache = new ResponseCache(this.#limits.cacheBytes);
  }

  /** What one set of `scmProvider` is made from, sorted. @param spec the value of `scmProvider` */
  async selectRepositories(spec: unknown, call: ScmCall): Promise<SelectedBranch[]> {
    const provider = readScmProvider(spec);
    const filters = compileRepositoryFilters(provider.filters ?? [], 'scmProvider.filters');
    const limits = this.#limits;
    return whole(call, async (listing) => {
      const lister = await this.#repositoryLister(provider, listing);
      return selectRepositories(lister, filters, { cloneProtocol: provider.cloneProtocol || undefined, limits });
    });
  }

  /**
   * What one set of `pullRequest` is made from, by number. With `continueOnRepoNotFoundError` a repository that is not
   * found has none; that is the one answer that may be shorter than the truth, and the document asks for it.
   */
  async selectPullRequests(spec: unknown, call: ScmCall): Promise<ScmPullRequest[]> {
    const provider = readPullRequest(spec);
    const accepts = compilePullRequestFilters(provider.filters ?? [], 'pullRequest.filters');
    const selected: ScmPullRequest[] = [];
    try {
      await whole(call, async (listing) => {
        const lister = await this.#pullRequestLister(provider, listing);
        for await (const request of lister.list()) if (accepts(request)) selected.push(request);
      });
    } catch (error) {
      if (error instanceof ScmNotFoundError && provider.continueOnRepoNotFoundError) return [];
      throw error;
    }
    return selected.sort((a, b) => a.number - b.number);
  }

  /** A lister for one listing; its time and bytes count from here. */
  async openRepositories(spec: unknown, call: ScmCall): Promise<RepositoryLister> {
    return this.#repositoryLister(readScmProvider(spec), call);
  }

  /** A lister for one listing; its time and bytes count from here. */
  async openPullRequests(spec: unknown, call: ScmCall): Promise<PullRequestLister> {
    return this.#pullRequestLister(readPullRequest(spec), call);
  }

  async #repositoryLister({ source, host }: ScmProviderSpec, call: ScmCall): Promise<RepositoryLister> {
    const api = await this.#open(source.access(host), call);
    return new HostRepositories(api, source.open(api, host));
  }

  async #pullRequestLister({ source, host }: PullRequestSpec, call: ScmCall): Promise<PullRequestLister> {
    return new HostPullRequests(await this.#open(source.access(host), call), source, host);
  }

  async #open(access: Access, { secrets, signal }: ScmCall): Promise<ScmApi> {
    if (access.insecure) {
      throw new ScmSpecError('insecure: true is not supported, as the token would go to whoever answers; give the certificate with caRef');
    }
    const base = URL.parse(access.base);
    if (!base || !/^https?:$/.test(base.protocol) || base.username || base.password || base.search || base.hash) {
      throw new ScmSpecError('api: not a plain http or https address without credentials, query and fragment', { field: 'api' });
    }
    const authorization = access.login && authorizationOf(access.login, await secrets.token(access.login.ref, base.origin));
    const { addresses, userAgent } = this.#options;
    const ca = access.caRef && (await secrets.certificates(access.caRef));
    return new ScmApi({
      http: new HttpClient({ addresses, ...(ca === undefined ? {} : { ca }), ...(userAgent === undefined ? {} : { userAgent }) }),
      base,
      authorization,
      state: this.#states.of(base.origin, authorization),
      cache: this.#cache,
      limits: this.#limits,
      clock: this.#clock,
      ...(signal ? { signal } : {}),
    });
  }
}

/** A listing that fails gives up its calls under way, whose places others wait for. */
async function whole<T>(call: ScmCall, read: (listing: ScmCall) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const signal = call.signal ? AbortSignal.any([call.signal, over.signal]) : over.signal;
  try {
    return await read({ ...call, signal });
  } finally {
    over.abort();
  }
}

/** Secrets are often stored with a line end; one with more than a word in it would break the header. */
function authorizationOf(login: NonNullable<Access['login']>, secret: string): string {
  const authorization = login.authorization(secret.trim());
  if (secret.trim() === '' || secret.length > MAX_SECRET || !HEADER_TEXT.test(authorization)) {
    throw new ScmSpecError(`key ${login.ref.key} of Secret ${login.ref.secretName} is empty or not a token: it must be one word`, {
      ...login.ref,
    });
  }
  return authorization;
}
