import type { KindRule } from '../admission.js';
import { checkAppProject } from './check-app-project.js';
import { checkApplication, decodeApplication } from './check-application.js';
import { checkApplicationSet, decodeApplicationSet } from './check-application-set.js';
import { checkCluster } from './check-cluster.js';
import { decodeSecret } from './check-cluster-secret.js';
import { checkConfigMap } from './check-config-map.js';
import { checkExternalSecret } from './check-external-secret.js';
import { checkRolloutPolicy } from './check-rollout-policy.js';
import { checkSealedSecret, decodeWithoutNulls } from './check-sealed-secret.js';
import { checkSecretStore } from './check-secret-store.js';

/** Run before the schema, on what was written: known mistakes are corrected or refused in words that help. */
export const decodersByKind: Readonly<Record<string, KindRule>> = {
  Application: decodeApplication,
  ApplicationSet: decodeApplicationSet,
  ExternalSecret: decodeWithoutNulls,
  SealedSecret: decodeWithoutNulls,
  Secret: decodeSecret,
};

/** Run after the schema. */
export const rulesByKind: Readonly<Record<string, KindRule>> = {
  Application: checkApplication,
  ApplicationSet: checkApplicationSet,
  AppProject: checkAppProject,
  Cluster: checkCluster,
  ClusterSecretStore: checkSecretStore,
  ConfigMap: checkConfigMap,
  ExternalSecret: checkExternalSecret,
  RolloutPolicy: checkRolloutPolicy,
  SealedSecret: checkSealedSecret,
  SecretStore: checkSecretStore,
};
