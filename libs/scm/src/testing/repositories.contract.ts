import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ScmNotFoundError, ScmUnavailableError } from '../scm.errors.js';
import type { FakeRequest, Intercept } from './fake-host.js';
import { repository, shaOf } from './fake-world.js';
import { ORGANIZATION, ProviderStage, type ProviderUnderTest } from './provider-stage.js';

const isLaterPage = ({ url }: FakeRequest): boolean =>
  Number(url.searchParams.get('page') ?? 1) > 1 || url.searchParams.has('start') || url.searchParams.has('$skip');

const asksForPath = ({ url }: FakeRequest): boolean => /contents|tree|src|browse|items/.test(url.pathname);

/** What scmProvider does with every kind of host. */
export function describeRepositories(name: string, provider: ProviderUnderTest): void {
  describe(`repositories of ${name}`, () => {
    let stage: ProviderStage;
    beforeEach(() => {
      stage = new ProviderStage(provider);
    });
    afterEach(() => stage.stop());

    test('are all there over many pages, with the branch and commit of each', async () => {
      const repositories = Array.from({ length: 130 }, (_, i) => repository(i + 1, `app-${String(i).padStart(3, '0')}`));
      const host = await stage.start(repositories);
      const found = await stage.branches(host);
      expect(found.map(({ repository }) => repository)).toEqual(repositories.map(({ name }) => name));
      expect(found[129]).toMatchObject({ organization: ORGANIZATION, branch: 'main', sha: shaOf(130) });
    });

    test('have the clone address of the protocol that is asked for', async () => {
      const host = await stage.start([repository(7, 'app')]);
      const [none, ssh, https] = await Promise.all([
        stage.branches(host),
        stage.branches(host, { cloneProtocol: 'ssh' }),
        stage.branches(host, { cloneProtocol: 'https' }),
      ]);
      expect({ none: none[0]?.url, ssh: ssh[0]?.url, https: https[0]?.url }).toEqual(provider.cloneUrls);
      expect(String(none[0]?.repositoryId)).toMatch(/^7$|^\{?0+7-/);
    });

    test('show every branch when asked to, names with slashes too', async () => {
      const many = Object.fromEntries(
        Array.from({ length: 120 }, (_, i) => [`release/${String(i).padStart(3, '0')}`, { sha: shaOf(i + 10), paths: [] }]),
      );
      const host = await stage.start([repository(1, 'app', { branches: { ...many }, defaultBranch: 'release/007' })]);
      expect((await stage.branches(host)).map(({ branch }) => branch)).toEqual(['release/007']);
      const all = await stage.branches(host, {}, { allBranches: true });
      expect(all.map(({ branch }) => branch)).toEqual(Object.keys(many));
      expect(all[119]?.sha).toBe(shaOf(129));
    });

    test('pass the filters on names, labels, branches and paths', async () => {
      const paths = ['deploy/prod/kustomization.yaml', 'README.md'];
      const main = { sha: shaOf(1), paths };
      const next = { sha: shaOf(2), paths: [...paths, 'legacy/README.md'] };
      const repositories = [
        repository(1, 'shop-api', { labels: ['team-a', 'gitops'], branches: { main, next } }),
        repository(2, 'shop-web', { labels: ['team-b'], branches: { main: { sha: shaOf(3), paths: ['README.md'] } } }),
        repository(3, 'tools', { labels: ['team-a'], branches: { main: { sha: shaOf(4), paths } } }),
      ];
      const host = await stage.start(repositories);
      const names = async (filters: unknown[]): Promise<string[]> =>
        (await stage.branches(host, { filters }, { allBranches: true })).map(({ repository, branch }) => `${repository}:${branch}`);
      expect(await names([{ repositoryMatch: '^shop-' }])).toEqual(['shop-api:main', 'shop-api:next', 'shop-web:main']);
      expect(await names([{ repositoryMatch: 'api', branchMatch: '^main$' }])).toEqual(['shop-api:main']);
      expect(await names([{ pathsExist: ['deploy/prod/'] }])).toEqual(['shop-api:main', 'shop-api:next', 'tools:main']);
      expect(await names([{ pathsExist: ['deploy/prod/kustomization.yaml'], pathsDoNotExist: ['legacy'] }])).toEqual([
        'shop-api:main',
        'tools:main',
      ]);
      expect(await names([{ pathsExist: ['deploy/prod/none.yaml'] }])).toEqual([]);
      expect(await names([{ labelMatch: '^gitops$' }])).toEqual(provider.labels ? ['shop-api:main', 'shop-api:next'] : []);
    });

    test('without commits have no branch', async () => {
      const repositories = [repository(1, 'empty', { branches: {}, defaultBranch: undefined }), repository(2, 'full')];
      const host = await stage.start(repositories);
      expect((await stage.branches(host)).map(({ repository }) => repository)).toEqual(['full']);
    });

    test('that vanish while they are read are an error, not a missing branch or path', async () => {
      const host = await stage.start([repository(1, 'app'), repository(2, 'gone')]);
      const vanished: Intercept = (request, next) =>
        /gone|\/2\/|0+2-0000/.test(`${request.url.pathname}/`) ? provider.dialect.notFound : next();
      host.intercept = vanished;
      expect(await stage.failure(host, stage.branches(host))).toBeInstanceOf(ScmNotFoundError);
      let isGone = false;
      host.intercept = (request, next) => {
        isGone ||= vanished(request, next) === provider.dialect.notFound && asksForPath(request);
        return isGone ? vanished(request, next) : next();
      };
      const filters = [{ pathsExist: ['README.md'] }];
      expect(await stage.failure(host, stage.branches(host, { filters }))).toBeInstanceOf(ScmNotFoundError);
      expect(isGone).toBe(true);
      host.intercept = (request, next) => (asksForPath(request) ? vanished(request, next) : next());
      expect((await stage.branches(host, { filters })).map(({ repository }) => repository)).toEqual(['app']);
    });

    test('of an organization that is not there are an error', async () => {
      const host = await stage.start([], 'another');
      expect(await stage.failure(host, stage.branches(host))).toBeInstanceOf(ScmNotFoundError);
    });

    test('one that fails fails the listing', async () => {
      const host = await stage.start([repository(1, 'app'), repository(2, 'broken'), repository(3, 'web')]);
      host.intercept = (request, next) =>
        /broken|\/2\/|0+2-0000/.test(`${request.url.pathname}/`) ? { status: 502, body: { message: 'Bad gateway' } } : next();
      expect(await stage.failure(host, stage.branches(host))).toBeInstanceOf(ScmUnavailableError);
    });

    test('that did not change are polled without a full answer where the host knows ETags', async () => {
      const repositories = Array.from({ length: 100 }, (_, i) => repository(i + 1, `app-${i}`));
      const host = await stage.start(repositories.slice(0, 60));
      await stage.list(host);
      const before = host.requests.length;
      await stage.list(host);
      const second = host.requests.slice(before).map(({ status }) => status);
      expect(new Set(second)).toEqual(new Set([provider.dialect.etags ? 304 : 200]));
      host.world.repositories.push(...repositories.slice(60));
      expect(await stage.list(host)).toHaveLength(100);
      host.world.repositories.push(repository(101, 'one-more'));
      expect(await stage.list(host), 'a full last page is asked anew').toHaveLength(101);
    });

    if (provider.pagesRepositories)
      test('come whole although one goes while pages are read', async () => {
        const repositories = Array.from({ length: 150 }, (_, i) => repository(i + 1, `app-${String(i).padStart(3, '0')}`));
        const host = await stage.start(repositories);
        let gone = false;
        host.intercept = (request, next) => {
          if (isLaterPage(request) && !gone) {
            gone = true;
            host.world.repositories.splice(0, 1);
          }
          return next();
        };
        expect((await stage.branches(host)).map(({ repository }) => repository)).toEqual(host.world.repositories.map(({ name }) => name));
        expect(gone).toBe(true);
      });
  });
}
