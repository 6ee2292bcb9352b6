import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ScmAnswerError,
  ScmLimitError,
  ScmListChangedError,
  ScmNotFoundError,
  ScmOriginError,
  ScmRateLimitedError,
  ScmUnauthorizedError,
  ScmUnavailableError,
} from '../scm.errors.js';
import type { FakeRequest, Intercept } from './fake-host.js';
import { type FakeRepository, pull, repository, shaOf } from './fake-world.js';
import { ProviderStage, type ProviderUnderTest, secretsFor } from './provider-stage.js';

const isPulls = ({ url }: FakeRequest): boolean => /pull-?requests|pulls|merge_requests/.test(url.pathname);
const isLaterPage = ({ url }: FakeRequest): boolean =>
  Number(url.searchParams.get('page') ?? 1) > 1 || url.searchParams.has('start') || url.searchParams.has('$skip');

function manyPulls(): FakeRepository[] {
  return [repository(1, 'app', { pulls: Array.from({ length: 230 }, (_, i) => pull(i + 1)) })];
}

/** What pullRequest does with every kind of host. */
export function describePullRequests(name: string, provider: ProviderUnderTest): void {
  describe(`pull requests of ${name}`, () => {
    let stage: ProviderStage;
    beforeEach(() => {
      stage = new ProviderStage(provider);
    });
    afterEach(() => stage.stop());

    test('are all there over many pages, in order of their numbers', async () => {
      const host = await stage.start(manyPulls());
      const found = await stage.pulls(host);
      expect(found.map(({ number }) => number)).toEqual(Array.from({ length: 230 }, (_, i) => i + 1));
      expect(found[41]).toMatchObject({
        number: 42,
        title: 'Change 42',
        branch: 'feature/42',
        targetBranch: 'main',
        headSha: shaOf(42),
        author: 'ada',
      });
    });

    test('say which repository they ask to change, so that whoever may not use it gets none of them', async () => {
      const host = await stage.start([repository(1, 'app', { pulls: [pull(1)] })]);
      expect((await stage.pulls(host)).map(({ repositoryUrls }) => repositoryUrls)).toEqual([provider.pullUrls(host.origin)]);
    });

    test('pass the filters on branch, target and title', async () => {
      const some = [pull(1, { title: 'feat: a' }), pull(2, { branch: 'fix/x' }), pull(3, { target: 'release-1', title: 'feat: b' })];
      const host = await stage.start([repository(1, 'app', { pulls: some })]);
      const numbers = async (filters: unknown[]) => (await stage.pulls(host, { filters })).map(({ number }) => number);
      expect(await numbers([{ branchMatch: '^fix/' }])).toEqual([2]);
      expect(await numbers([{ titleMatch: '^feat', targetBranchMatch: '^release-' }])).toEqual([3]);
      expect(await numbers([{ branchMatch: '^fix/' }, { titleMatch: 'a$' }])).toEqual([1, 2]);
    });

    test('of a repository that is not there are an error, unless the document says to go on', async () => {
      const host = await stage.start(manyPulls());
      expect(await stage.failure(host, stage.pulls(host, {}, {}, 'nope'))).toBeInstanceOf(ScmNotFoundError);
      expect(await stage.pulls(host, { continueOnRepoNotFoundError: true }, {}, 'nope')).toEqual([]);
    });

    test('are not read with a wrong token, and going on is not for that', async () => {
      const host = await stage.start(manyPulls());
      const call = (more = {}) =>
        stage.client.selectPullRequests(
          { ...provider.pullRequest(host.origin, 'app'), ...more },
          { secrets: secretsFor(host.origin, 'another-token') },
        );
      const error = await stage.failure(host, call());
      expect(error).toBeInstanceOf(ScmUnauthorizedError);
      expect((error as ScmUnauthorizedError).retry).toBe('never');
      expect(error.message).not.toContain('another-token');
      await expect(call({ continueOnRepoNotFoundError: true })).rejects.toBeInstanceOf(ScmUnauthorizedError);
    });

    test('wait as long as the host asks, then come', async () => {
      const host = await stage.start(manyPulls());
      host.intercept = () => provider.dialect.rateLimited(30);
      const error = (await stage.failure(host, stage.pulls(host))) as ScmRateLimitedError;
      expect(error).toBeInstanceOf(ScmRateLimitedError);
      expect([error.retry, error.retryAfterMs]).toEqual(['later', 30_000]);
      host.intercept = (_, next) => next();
      stage.clock.advance(29_000);
      await expect(stage.pulls(host)).rejects.toMatchObject({ code: 'scm-rate-limited', retryAfterMs: 1_000 });
      expect(host.requests).toHaveLength(1);
      stage.clock.advance(1_000);
      expect(await stage.pulls(host)).toHaveLength(230);
    });

    test('of a host that hangs are given up in time', async () => {
      stage.limit({ timeoutMs: 100 });
      const host = await stage.start(manyPulls());
      host.intercept = () => 'hang';
      const error = await stage.failure(host, stage.pulls(host));
      expect(error).toBeInstanceOf(ScmUnavailableError);
      expect((error as ScmUnavailableError).retry).toBe('later');
    });

    test.each<[string, Intercept]>([
      ['an error of the host', (request, next) => (isLaterPage(request) ? { status: 500, body: {} } : next())],
      ['a connection that ends', (request, next) => (isLaterPage(request) ? 'cut' : next())],
    ])('cut short by %s are an error', async (_, intercept) => {
      const host = await stage.start(manyPulls());
      host.intercept = intercept;
      expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmUnavailableError);
    });

    test('of another shape are an error', async () => {
      const host = await stage.start(manyPulls());
      host.intercept = () => ({ body: { login: 'please' } });
      expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmAnswerError);
      host.intercept = () => ({ status: 203, body: '<html>' });
      expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmUnauthorizedError);
    });

    test('whose pages never end are an error', async () => {
      const host = await stage.start(manyPulls());
      const first: { request?: FakeRequest } = {};
      host.intercept = (request, next) => {
        first.request ??= request;
        return next(isPulls(request) ? first.request : request);
      };
      expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmLimitError);
      expect(host.requests.length).toBeLessThan(10);
    });

    test('that are more than is read are an error', async () => {
      const host = await stage.start(manyPulls());
      for (const limits of [{ pages: 1 }, { items: 150 }, { answerBytes: 1_000 }, { listingBytes: 10_000 }]) {
        stage.limit(limits);
        expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmLimitError);
      }
    });

    test('are not looked for on another origin', async () => {
      const other = await stage.start(manyPulls());
      const host = await stage.start(manyPulls());
      host.intercept = ({ url }) => ({ status: 302, headers: { location: `${other.origin}${url.pathname}` }, body: {} });
      expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmOriginError);
      host.intercept = (_, next) => next();
      host.linkOrigin = other.origin;
      if (provider.followsLinks) expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmOriginError);
      else expect(await stage.pulls(host)).toHaveLength(230);
      expect(other.requests).toEqual([]);
    });

    test('that change with every reading are an error', async () => {
      const host = await stage.start(manyPulls());
      host.intercept = (request, next) => {
        if (isLaterPage(request)) host.world.repositories[0]!.pulls.shift();
        return next();
      };
      expect(await stage.failure(host, stage.pulls(host))).toBeInstanceOf(ScmListChangedError);
    });
  });
}
