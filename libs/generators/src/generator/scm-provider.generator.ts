import { hostGenerator } from './host-generator.js';

/** Repositories of an organisation on a Git host, and their branches. Source: argo-cd applicationset/generators/scm_provider.go. */
export const scmProviderGenerator = hostGenerator('scmProvider', (hosts, spec) => hosts.repositories(spec));
