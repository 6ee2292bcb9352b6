import { azureDevOpsProvider } from './azure-devops.provider.js';
import { bitbucketProvider } from './bitbucket.provider.js';
import { bitbucketServerProvider } from './bitbucket-server.provider.js';
import { giteaProvider } from './gitea.provider.js';
import { githubProvider } from './github.provider.js';
import { gitlabProvider } from './gitlab.provider.js';
import type { ScmProvider } from './provider.js';

/** Every Git host, in the order Argo CD looks for one in a generator that names two. */
export const SCM_PROVIDERS: readonly ScmProvider[] = [
  githubProvider,
  gitlabProvider,
  giteaProvider,
  bitbucketServerProvider,
  azureDevOpsProvider,
  bitbucketProvider,
];

/** Hosts of Argo CD that are named in an error instead of asked. */
export const UNSUPPORTED_SCM_PROVIDERS: readonly string[] = ['awsCodeCommit', 'sourcecraft'];
