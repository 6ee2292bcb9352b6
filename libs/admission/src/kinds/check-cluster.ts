import { type Cluster, clusterNameOf, LOCAL_SERVER, serverOf } from '@flotilla/contracts';
import type { KindRule } from '../admission.js';

export const checkCluster: KindRule = (document, findings, context) => {
  const cluster = document as unknown as Cluster;
  const { server, local } = cluster.spec;
  if (server !== undefined && !/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(server))
    findings.error('spec.server', `${JSON.stringify(server)} is no URL`);
  if (local && server !== undefined && server !== LOCAL_SERVER)
    findings.error('spec.server', `must be ${LOCAL_SERVER} on a local cluster, or left out`);
  if (!local && server === LOCAL_SERVER)
    findings.warn(`spec.server is ${LOCAL_SERVER}: set spec.local: true to mean the cluster the hub runs in`);
  const others = (context.clusters ?? []).filter(({ metadata }) => metadata.name !== cluster.metadata.name);
  const same = others.find((other) => serverOf(other) === serverOf(cluster));
  if (same) findings.error('spec.server', `${serverOf(cluster)} is already the server of cluster ${same.metadata.name}`);
  const named = others.filter((other) => clusterNameOf(other) === clusterNameOf(cluster));
  if (named.length > 0) {
    findings.warn(
      `another cluster is named ${clusterNameOf(cluster)} too (${named.map(serverOf).join(', ')}); they are told apart by server`,
    );
  }
};
