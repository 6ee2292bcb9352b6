import type { ApplicationSet } from '@flotilla/contracts';
import type { HostPorts } from '@flotilla/generators';
import { AddressPolicy, HttpClient } from '@flotilla/http';
import type { Clock } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { ResourceStore } from '@flotilla/resources';
import { pullRequestParams, repositoryParams, ScmClient } from '@flotilla/scm';
import { HostSecrets } from './host-secrets.js';
import { askPlugin, PLUGIN_NAMESPACE } from './plugin-client.js';

/** Gives each set the servers its generators may ask, with the secrets of its own namespace. */
export type HostsOf = (set: ApplicationSet) => HostPorts;

export interface HostSources {
  store: ResourceStore;
  keyring: Keyring;
  clock: Clock;
  /** CIDR ranges that may be asked besides public and private ones. */
  allow: readonly string[];
}

/** One for a process: it keeps what calls to Git hosts share (answers by ETag, waits that hosts asked for). */
export function createHosts({ store, keyring, clock, allow }: HostSources): HostsOf {
  const addresses = new AddressPolicy({ allowPrivate: true, allow });
  const scm = new ScmClient({ addresses, clock });
  const http = new HttpClient({ addresses });
  return ({ metadata }) => {
    const secrets = new HostSecrets(store, keyring, metadata.namespace ?? '');
    const own = new HostSecrets(store, keyring, PLUGIN_NAMESPACE);
    return {
      repositories: async (spec) => (await scm.selectRepositories(spec, { secrets })).map(repositoryParams),
      pullRequests: async (spec, options) =>
        (await scm.selectPullRequests(spec, { secrets })).map((request) => ({
          params: pullRequestParams(request, options),
          repositoryUrls: request.repositoryUrls,
        })),
      plugin: (configMap, parameters) => askPlugin({ http, secrets: own, set: metadata.name }, configMap, parameters),
    };
  };
}
