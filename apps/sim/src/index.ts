export { SimulatedCluster, type SimulatedClusterOptions } from './cluster/simulated-cluster.js';
export { readSimConfig, type SimConfig } from './sim.config.js';
export { startClusters } from './start-clusters.js';
