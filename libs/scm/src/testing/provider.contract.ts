import type { ProviderUnderTest } from './provider-stage.js';
import { describePullRequests } from './pull-requests.contract.js';
import { describeRepositories } from './repositories.contract.js';

/** What every kind of host does. */
export function describeProvider(name: string, provider: ProviderUnderTest): void {
  describeRepositories(name, provider);
  describePullRequests(name, provider);
}
