import { labelSelectorSchema, SECRET_TYPE_LABEL } from '@flotilla/contracts';
import { messageOf } from '@flotilla/kernel';
import { matchesSelector, parseLabelSelector, type Requirement } from '@flotilla/selector';
import { sanitizeName } from '@flotilla/templating';
import { z } from 'zod';
import { type ParamSet, type Params, paramSet } from '../params/params.js';
import { valuesSchema, withValues } from '../params/values.js';
import { clustersInScope } from '../selection/scoped-clusters.js';
import { type ClusterEntry, defineGenerator, type GeneratorContext, noInputs } from './generator.js';
import { GeneratorError } from './generators.errors.js';

const schema = z.object({
  selector: labelSelectorSchema.nullable().optional(),
  values: valuesSchema,
  flatList: z.boolean().optional(),
  template: z.unknown().optional(),
});
type ClustersSpec = z.infer<typeof schema>;

/**
 * One set per selected cluster, by name then server; Argo CD's own order is random. The cluster the hub runs in comes last,
 * only without a selector and when nobody registered it. Source: argo-cd applicationset/generators/cluster.go.
 */
export const clustersGenerator = defineGenerator<ClustersSpec>({
  key: 'clusters',
  schema,
  inputs: (spec) => ({ ...noInputs, clusterSelectors: [spec.selector ?? {}] }),
  clusterUse: ({ flatList }) => (flatList ? 'whole' : 'each'),
  generate: async (spec, context) => {
    const requirements = readSelector(spec, context);
    const { known, local, refused, select } = await clustersInScope(context);
    const selected = select(requirements);
    if (requirements.length === 0 && local && !context.ports.isPart) selected.push(local);
    warnOfRefused(refused.filter(({ labels }) => matchesSelector(requirements, labels)).length, context);
    warnOfEqualNames(selected, context);
    if (selected.length === 0 && known.length > 0 && !context.ports.isPart) context.warn(explainNoMatch(requirements, known, context.path));
    const sets = selected.map((cluster) => paramSet(paramsOf(cluster, spec, context), { generator: context.path, cluster: cluster.name }));
    return spec.flatList ? [flatten(sets, context)] : sets;
  },
});

/** Argo CD overwrites a selector's own requirement on the Secret's type; our clusters carry no such label. */
function readSelector(spec: ClustersSpec, context: GeneratorContext): Requirement[] {
  try {
    return parseLabelSelector(spec.selector ?? undefined).filter(({ key }) => key !== SECRET_TYPE_LABEL);
  } catch (error) {
    throw new GeneratorError(`${context.path}.selector`, messageOf(error));
  }
}

function warnOfRefused(count: number, { path, ports, warn }: GeneratorContext): void {
  if (count === 0) return;
  const [clusters, them] = count === 1 ? ['1 cluster', 'is'] : [`${count} clusters`, 'are'];
  warn(`${path}: ${clusters} that it selects ${them} not permitted by AppProject ${ports.scope?.project} and left out`);
}

function paramsOf(cluster: ClusterEntry, spec: ClustersSpec, context: GeneratorContext): Params {
  const { labels, annotations } = cluster;
  const params: Record<string, unknown> = {
    name: cluster.name,
    nameNormalized: sanitizeName(cluster.name),
    server: cluster.server,
    project: cluster.project ?? '',
  };
  if (context.mode.isGo) return withValues({ ...params, metadata: { labels, annotations } }, spec.values, context);
  for (const [key, value] of Object.entries(annotations)) params[`metadata.annotations.${key}`] = value;
  for (const [key, value] of Object.entries(labels)) params[`metadata.labels.${key}`] = value;
  return withValues(params, spec.values, context);
}

function flatten(sets: readonly ParamSet[], context: GeneratorContext): ParamSet {
  return paramSet({ clusters: sets.map(({ layers }) => layers[0]) }, { generator: context.path });
}

function warnOfEqualNames(clusters: readonly ClusterEntry[], context: GeneratorContext): void {
  const twice = new Set(clusters.filter(({ name }, i) => i > 0 && clusters[i - 1]!.name === name).map(({ name }) => name));
  for (const name of twice) {
    const servers = clusters.filter((cluster) => cluster.name === name).map(({ server }) => server);
    context.warn(`${context.path}: ${servers.length} clusters are named ${name} (${servers.join(', ')}); they are told apart by server`);
  }
}

/** A selector that fits nothing is mostly a label typo: say what the labels are. */
function explainNoMatch(requirements: readonly Requirement[], known: readonly ClusterEntry[], path: string): string {
  const missed = requirements.find((requirement) => !known.some(({ labels }) => matchesSelector([requirement], labels)));
  if (!missed) return `${path}: no cluster meets all of ${requirements.map(({ key }) => key).join(', ')} at once`;
  const seen = [
    ...new Set(
      known
        .map(({ labels }) => (Object.hasOwn(labels, missed.key) ? labels[missed.key] : undefined))
        .filter((value) => value !== undefined),
    ),
  ].sort();
  const wanted =
    missed.operator === 'In'
      ? `${missed.key}=${missed.values.join('|')}`
      : `${missed.key} ${missed.operator} ${missed.values.join('|')}`.trim();
  return `${path}: no cluster has ${wanted} (labels seen: ${seen.length > 0 ? seen.slice(0, 20).join(', ') : 'none'})`;
}
