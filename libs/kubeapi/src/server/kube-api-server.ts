import { type Clock, type RandomBytes, systemClock, systemRandom } from '@flotilla/kernel';
import type { ApiRegistry } from '../api/api-registry.js';
import { type Authorizer, allowAll } from '../api/authorizer.js';
import type { PatchEngine } from '../api/patch-engine.js';
import { patchEngine } from '../api/wired-patch-engine.js';
import type { ApiAnswer, ApiRequest } from '../http/api-request.js';
import { jsonAnswer } from '../http/api-request.js';
import { forbidden, internal, timedOut, tooLarge, tooManyRequests } from '../http/kube-api.errors.js';
import { KubeApiError } from '../http/kube-status.js';
import { parseResourcePath } from '../http/parse-path.js';
import type { KubeStorage } from '../storage.js';
import type { ApiLimits, ApiServices } from '../verbs/api-call.js';
import { answerDocument, type DocumentSource } from './answer-document.js';
import { resolveCall, runCall, verbOf } from './resource-route.js';

export const DEFAULT_LIMITS: ApiLimits = {
  maxBodyBytes: 3 * 1024 * 1024,
  maxWatchers: 10_000,
  maxPageItems: 10_000,
  requestTimeoutMs: 60_000,
  watchTimeoutMs: 30 * 60_000,
  bookmarkIntervalMs: 60_000,
};

export interface KubeApiServerOptions {
  registry: ApiRegistry;
  storage: KubeStorage;
  /** Default: everybody may do everything. */
  authorizer?: Authorizer;
  /** Default: every namespace exists. */
  namespaceExists?(name: string): boolean | Promise<boolean>;
  /** What `/version` tells (default `v1.36.3`). */
  gitVersion?: string;
  /** What `/readyz` tells; default ready. */
  isReady?(): boolean | Promise<boolean>;
  limits?: Partial<ApiLimits>;
  /** Told of failures nobody expected; they are answered with 500 and no detail. */
  onFailure?(error: unknown, request: Pick<ApiRequest, 'method' | 'path'>): void;
  clock?: Clock;
  random?: RandomBytes;
  engine?: PatchEngine;
}

/** A Kubernetes API over a storage port, independent of the transport that brings requests. */
export class KubeApiServer {
  readonly limits: ApiLimits;
  readonly #services: ApiServices;
  readonly #documents: DocumentSource;
  readonly #onFailure: NonNullable<KubeApiServerOptions['onFailure']>;
  #watchers = 0;

  constructor(options: KubeApiServerOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#services = {
      registry: options.registry,
      storage: options.storage,
      engine: options.engine ?? patchEngine,
      authorizer: options.authorizer ?? allowAll,
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      limits: this.limits,
      namespaceExists: options.namespaceExists ?? (() => true),
    };
    this.#documents = {
      registry: options.registry,
      gitVersion: options.gitVersion ?? 'v1.36.3',
      isReady: options.isReady ?? (() => true),
    };
    this.#onFailure = options.onFailure ?? (() => {});
  }

  /** Open watches. */
  get watchers(): number {
    return this.#watchers;
  }

  /** Answers a request; never rejects. */
  async handle(request: ApiRequest): Promise<ApiAnswer> {
    let timer: NodeJS.Timeout | undefined;
    try {
      if (request.body.byteLength > this.limits.maxBodyBytes) throw tooLarge(this.limits.maxBodyBytes);
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(timedOut('Timeout: request did not complete within the allotted timeout')),
          this.limits.requestTimeoutMs,
        );
      });
      return await Promise.race([this.#answer(request), late]);
    } catch (error) {
      return this.#failure(error, request);
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(request: ApiRequest): Promise<ApiAnswer> {
    const path = parseResourcePath(request.path);
    if (!path) {
      await this.#permit(request, { verb: request.method.toLowerCase(), path: request.path });
      return answerDocument(this.#documents, request);
    }
    const call = resolveCall(this.#services, path, request);
    if (!call) return answerDocument(this.#documents, request);
    const verb = verbOf(call);
    const { group, version, plural } = call.resource;
    const { namespace, name, subresource } = call;
    await this.#permit(request, { verb, group, version, resource: plural, subresource, namespace, name });
    if (verb !== 'watch') return runCall(call, verb);
    if (this.#watchers >= this.limits.maxWatchers) throw tooManyRequests('too many watches are open, please try again later');
    const answer = await runCall(call, verb);
    return { ...answer, stream: this.#counted(answer.stream!) };
  }

  async #permit(request: ApiRequest, attributes: Parameters<Authorizer['authorize']>[1]): Promise<void> {
    const decision = await this.#services.authorizer.authorize(request.user, attributes);
    if (decision.allowed) return;
    const { verb, group = '', resource = '', subresource = '', namespace = '', name = '', path } = attributes;
    const user = `User ${JSON.stringify(request.user.name)} cannot ${verb}`;
    const why = decision.reason ? `: ${decision.reason}` : '';
    if (path !== undefined) throw new KubeApiError(403, 'Forbidden', `forbidden: ${user} path ${JSON.stringify(path)}${why}`, {});
    const asked = subresource === '' ? resource : `${resource}/${subresource}`;
    const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
    const text = `${user} resource ${JSON.stringify(asked)} in API group ${JSON.stringify(group)} ${scope}${why}`;
    throw forbidden({ group, plural: resource }, name, text);
  }

  async *#counted(stream: AsyncIterable<string>): AsyncGenerator<string> {
    this.#watchers += 1;
    try {
      yield* stream;
    } finally {
      this.#watchers -= 1;
    }
  }

  #failure(error: unknown, request: ApiRequest): ApiAnswer {
    if (error instanceof KubeApiError) {
      const answer = jsonAnswer(error.status.code, error.status);
      const { retryAfterSeconds } = error.status.details ?? {};
      if (retryAfterSeconds !== undefined) answer.headers['retry-after'] = String(retryAfterSeconds);
      return answer;
    }
    this.#onFailure(error, { method: request.method, path: request.path });
    return jsonAnswer(500, internal('the server could not complete the request').status);
  }
}
