import { hostGenerator } from './host-generator.js';

/** Open pull requests of a repository. Source: argo-cd applicationset/generators/pull_request.go. */
export const pullRequestGenerator = hostGenerator('pullRequest', (hosts, spec, isGo) => hosts.pullRequests(spec, { goTemplate: isGo }));
