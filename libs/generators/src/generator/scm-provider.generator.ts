import { hostGenerator } from './host-generator.js';

/** Repositories of an organisation on a Git host, and their branches. Source: argo-cd applicationset/generators/scm_provider.go. */
export const scmProviderGenerator = hostGenerator('scmProvider', async (hosts, spec) =>
  (await hosts.repositories(spec)).map((params) => ({ params, repositoryUrls: typeof params.url === 'string' ? [params.url] : [] })),
);
