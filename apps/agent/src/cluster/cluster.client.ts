import type { KubeClient } from '@flotilla/kubeclient';

/** What the agent asks of the cluster's API. */
export type ClusterClient = Pick<
  KubeClient,
  'request' | 'list' | 'watch' | 'apply' | 'get' | 'discover' | 'resourceFor' | 'pathFor' | 'close'
>;
