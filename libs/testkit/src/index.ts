export { freePort } from '@flotilla/localserver';
export { Child, waitFor } from './child.js';
export { FakeKubelet, type PodFate, podFate } from './fake-kubelet.js';
export type { GitFile, GitRepository } from './git-repositories.js';
export { GitServer, type GitServerOptions, startGitServer } from './git-server.js';
export { findKubernetes, KUBERNETES_VERSION, type Kubernetes, type KubernetesBinaries, startKubernetes } from './kubernetes.js';
export { type NatsBinary, type NatsOptions, type NatsServer, natsServersAtHand, startNats } from './nats.js';
export { type PostgresServer, startPostgres } from './postgres.js';
export { type TestDatabase, testDatabase } from './test-database.js';
