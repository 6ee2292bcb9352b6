import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { SimulatedCluster } from './cluster/simulated-cluster.js';
import type { SimConfig } from './sim.config.js';

/** Starts the clusters and writes `<name>.kubeconfig` (mode 0600) for each once it serves. */
export async function startClusters(config: SimConfig, onFailure: (error: unknown) => void): Promise<SimulatedCluster[]> {
  const now = Date.now();
  const authority = await createAuthority('Simulated clusters', now);
  const server = await issueServerCertificate(authority, ['127.0.0.1', 'localhost'], now);
  mkdirSync(config.directory, { recursive: true });
  return Promise.all(
    config.clusters.map(async (name) => {
      const cluster = new SimulatedCluster({ name, tls: { server, ca: authority.certificate }, onFailure });
      await cluster.start();
      const file = join(config.directory, `${name}.kubeconfig`);
      writeFileSync(`${file}.new`, cluster.kubeconfig, { mode: 0o600 });
      renameSync(`${file}.new`, file);
      return cluster;
    }),
  );
}
