import type { KubeClient } from '@flotilla/kubeclient';

/** What the agent asks of the cluster's API. */
export type ClusterClient = Pick<
  KubeClient,
  'request' | 'list' | 'watch' | 'apply' | 'get' | 'discover' | 'resourceFor' | 'pathFor' | 'close'
>;

/** A further client for one watch: a watch holds its connection for ever, and a client has only so many. */
export type OpenClient = () => { client: ClusterClient; release: () => void };
