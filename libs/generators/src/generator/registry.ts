import { clusterDecisionResourceGenerator } from './cluster-decision-resource.generator.js';
import { clustersGenerator } from './clusters.generator.js';
import type { Generator } from './generator.js';
import { gitGenerator } from './git.generator.js';
import { listGenerator } from './list.generator.js';
import { matrixGenerator } from './matrix.generator.js';
import { mergeGenerator } from './merge.generator.js';
import { pluginGenerator } from './plugin.generator.js';
import { pullRequestGenerator } from './pull-request.generator.js';
import { scmProviderGenerator } from './scm-provider.generator.js';

/**
 * Every generator that is expanded, in the order Argo CD walks an entry that names two of them (the field order of its
 * ApplicationSetGenerator type).
 */
export const GENERATORS: readonly Generator[] = [
  listGenerator,
  clustersGenerator,
  gitGenerator,
  scmProviderGenerator,
  clusterDecisionResourceGenerator,
  pullRequestGenerator,
  matrixGenerator,
  mergeGenerator,
  pluginGenerator,
];

/** Keys that real manifests hold by mistake, and the generator each means. */
export const GENERATOR_ALIASES: Readonly<Record<string, string>> = { cluster: 'clusters' };
