import { AddressPolicy } from '@flotilla/http';
import { ManualClock } from '@flotilla/kernel';
import { expect } from 'vitest';
import type { ScmSecrets } from '../access.js';
import type { ScmLimits } from '../limits.js';
import type { ScmPullRequest, ScmRepository, SelectedBranch } from '../repository.js';
import { ScmClient } from '../scm-client.js';
import { type FakeDialect, FakeHost } from './fake-host.js';
import type { FakeRepository } from './fake-world.js';

export const ORGANIZATION = 'acme';
export const REF = { secretName: 'scm', key: 'token' };

export interface ProviderUnderTest {
  dialect: FakeDialect;
  /** The value of `scmProvider` for ORGANIZATION, with REF as the token. */
  scmProvider(origin: string, more?: Record<string, unknown>): Record<string, unknown>;
  /** The value of `pullRequest` for a repository of ORGANIZATION. */
  pullRequest(origin: string, repo: string, more?: Record<string, unknown>): Record<string, unknown>;
  /** Pages name the address of the next one. */
  followsLinks: boolean;
  /** Repositories come in pages. */
  pagesRepositories: boolean;
  /** Repositories have labels. */
  labels: boolean;
  cloneUrls: { none: string; ssh: string; https: string };
  /** What a pull request says its repository is cloned from, of a host that listens at `origin`. */
  pullUrls(origin: string): string[];
}

/** Fake hosts of one kind and a client that asks them; a test stops it at its end. */
export class ProviderStage {
  readonly provider: ProviderUnderTest;
  clock = new ManualClock();
  client = scmClient(this.clock);
  readonly #hosts: FakeHost[] = [];

  constructor(provider: ProviderUnderTest) {
    this.provider = provider;
  }

  /** @param organization what the host holds; ORGANIZATION is asked for */
  async start(repositories: FakeRepository[], organization = ORGANIZATION): Promise<FakeHost> {
    const host = await FakeHost.start(this.provider.dialect, { organization, repositories });
    this.#hosts.push(host);
    return host;
  }

  stop(): void {
    for (const host of this.#hosts.splice(0)) host.stop();
  }

  limit(limits: Partial<ScmLimits>): void {
    this.client = scmClient(this.clock, limits);
  }

  /** @param more fields beside the host @param ofHost fields of the host */
  branches(host: FakeHost, more: Record<string, unknown> = {}, ofHost: Record<string, unknown> = {}): Promise<SelectedBranch[]> {
    const spec = { ...this.provider.scmProvider(host.origin, ofHost), ...more };
    return this.client.selectRepositories(spec, { secrets: secretsFor(host.origin) });
  }

  /** Repositories without their branches. */
  async list(host: FakeHost): Promise<ScmRepository[]> {
    const lister = await this.client.openRepositories(this.provider.scmProvider(host.origin), { secrets: secretsFor(host.origin) });
    const found: ScmRepository[] = [];
    for await (const repository of lister.list()) found.push(repository);
    return found;
  }

  /** Pull requests of one repository. */
  pulls(host: FakeHost, more: Record<string, unknown> = {}, ofHost: Record<string, unknown> = {}, repo = 'app'): Promise<ScmPullRequest[]> {
    const spec = { ...this.provider.pullRequest(host.origin, repo, ofHost), ...more };
    return this.client.selectPullRequests(spec, { secrets: secretsFor(host.origin) });
  }

  /** The error of a call, after a look at whether it or any address gave the token away. */
  async failure(host: FakeHost, call: Promise<unknown>): Promise<Error> {
    const error = await call.then(
      (value) => expect.fail(`answered ${JSON.stringify(value).slice(0, 200)} instead of failing`),
      (caught: Error & { details?: unknown }) => caught,
    );
    const told = `${error.message} ${error.stack} ${JSON.stringify((error as { details?: unknown }).details)} ${error.cause}`;
    expect(told).not.toContain(host.secret);
    expect(told).not.toContain(this.provider.dialect.authorization(host.secret));
    for (const { url } of host.requests) expect(url).not.toContain(host.secret);
    return error;
  }
}

/** Gives the secret for the origin it was made for, as an adapter must. */
export function secretsFor(origin: string, token = 'canary-token'): ScmSecrets {
  return {
    token: async (_ref, asked) => {
      if (asked !== origin) throw new Error(`the secret is for ${origin}, not for ${asked}`);
      return `${token}\n`;
    },
    certificates: async () => '',
  };
}

export function scmClient(clock: ManualClock = new ManualClock(), limits: Partial<ScmLimits> = {}): ScmClient {
  return new ScmClient({ addresses: new AddressPolicy({ allow: ['127.0.0.1/32'] }), clock, limits });
}
