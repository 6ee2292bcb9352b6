import { labelSelectorSchema } from '@flotilla/contracts';
import { isObject, messageOf } from '@flotilla/kernel';
import { parseLabelSelector } from '@flotilla/selector';
import { z } from 'zod';
import { type ParamSet, type Params, paramSet } from '../params/params.js';
import { plainParams } from '../params/plain-params.js';
import { valuesSchema, withCopiedValues } from '../params/values.js';
import { clustersInScope } from '../selection/scoped-clusters.js';
import {
  type ClusterEntry,
  type DecisionChoice,
  type DecisionPorts,
  type DecisionResource,
  defineGenerator,
  type GeneratorContext,
  noInputs,
} from './generator.js';
import { GeneratorError } from './generators.errors.js';

const schema = z.object({
  configMapRef: z.string().min(1),
  name: z.string().optional(),
  labelSelector: labelSelectorSchema.nullable().optional(),
  requeueAfterSeconds: z.number().optional(),
  values: valuesSchema,
  template: z.unknown().optional(),
});
type DecisionSpec = z.infer<typeof schema>;

/** Argo CD looks at decisions again so often; a change of one that the hub keeps is an event besides. */
const REQUEUE_SECONDS = 180;
/** Decisions that one generator takes at most. */
const MAX_DECISIONS = 50_000;

/**
 * One set per decision that names a known cluster, in the order of the documents' names and of their lists. A ConfigMap says of
 * which kind the documents are and where they keep the decisions. Source: argo-cd applicationset/generators/duck_type.go, which
 * takes a document without a status, and a ConfigMap without `matchKey`, for no decision; here both are unknown, so an error.
 */
export const clusterDecisionResourceGenerator = defineGenerator<DecisionSpec>({
  key: 'clusterDecisionResource',
  schema,
  inputs: ({ configMapRef, name, labelSelector, requeueAfterSeconds }) => ({
    ...noInputs,
    clusterSelectors: [{}],
    decisions: [{ configMapRef, name, labelSelector }],
    requeueSeconds: [requeueAfterSeconds || REQUEUE_SECONDS],
  }),
  generate: async (spec, context) => {
    const by = readChoice(spec, context.path);
    const ports = portsOf(context);
    const duck = readDuckType(await ports.configMap(spec.configMapRef), spec.configMapRef, context.path);
    const resources = await ports.resources(duck, by);
    if (resources.length === 0) {
      throw new GeneratorError(
        context.path,
        `no ${duck.plural} of ${duck.apiVersion} ${describe(by)}; nothing is known about its clusters`,
      );
    }
    const decisions = resources.flatMap((resource) => decisionsOf(resource, duck, context.path));
    if (decisions.length > MAX_DECISIONS) throw new GeneratorError(context.path, `more than ${MAX_DECISIONS} decisions`);
    return matchClusters(decisions, duck, spec, context);
  },
});

interface DuckType {
  apiVersion: string;
  plural: string;
  statusListKey: string;
  matchKey: string;
}

function portsOf({ ports, path }: GeneratorContext): DecisionPorts {
  if (!ports.decisions) throw new GeneratorError(path, 'it reads documents of the hub, and none can be read from here');
  return ports.decisions;
}

function readChoice({ name, labelSelector }: DecisionSpec, path: string): DecisionChoice {
  const selects = labelSelector?.matchLabels !== undefined || labelSelector?.matchExpressions !== undefined;
  if (!!name === selects) throw new GeneratorError(path, 'exactly one of `name` and `labelSelector` must say which documents decide');
  if (name) return { name };
  try {
    return { labels: parseLabelSelector(labelSelector ?? undefined) };
  } catch (error) {
    throw new GeneratorError(`${path}.labelSelector`, messageOf(error));
  }
}

function readDuckType(data: Readonly<Record<string, string>>, configMap: string, path: string): DuckType {
  const { apiVersion = '', kind = '', matchKey = '', statusListKey = '' } = data;
  const refuse = (key: string, want: string) =>
    new GeneratorError(path, `data.${key} of ConfigMap ${configMap} ${want}`, { configMap, key });
  if (apiVersion.indexOf('/') < 1) throw refuse('apiVersion', 'must be GROUP/VERSION, such as cluster.open-cluster-management.io/v1beta1');
  if (kind === '') throw refuse('kind', 'must be the plural name of the kind, such as placementdecisions');
  if (matchKey === '')
    throw refuse('matchKey', 'must name the field of a decision that holds the name of the cluster, such as clusterName');
  return { apiVersion, plural: kind, matchKey, statusListKey: statusListKey || 'clusters' };
}

function decisionsOf(
  { name, status }: DecisionResource,
  { plural, statusListKey, matchKey }: DuckType,
  path: string,
): Readonly<Record<string, unknown>>[] {
  const list = isObject(status) && Object.hasOwn(status, statusListKey) ? status[statusListKey] : undefined;
  const where = `status.${statusListKey} of ${plural} ${name}`;
  if (!Array.isArray(list)) {
    throw new GeneratorError(
      path,
      `${where} is ${list === undefined ? 'not there yet' : 'no list'}; an empty list says that no cluster is chosen`,
    );
  }
  return list.map((decision, i) => {
    const cluster = isObject(decision) && Object.hasOwn(decision, matchKey) ? decision[matchKey] : undefined;
    if (!isObject(decision) || typeof cluster !== 'string' || cluster === '') {
      throw new GeneratorError(path, `${where}: entry ${i} does not name a cluster in ${matchKey}`);
    }
    return decision;
  });
}

async function matchClusters(
  decisions: readonly Readonly<Record<string, unknown>>[],
  { matchKey }: DuckType,
  spec: DecisionSpec,
  context: GeneratorContext,
): Promise<ParamSet[]> {
  const { known, local } = await clustersInScope(context);
  const byName = new Map<string, ClusterEntry>();
  // Of two with one name the first counts, as in Argo CD; the list is in the order of names and servers.
  for (const cluster of [...known, ...(local ? [local] : [])]) if (!byName.has(cluster.name)) byName.set(cluster.name, cluster);
  const missing = new Set<string>();
  const sets = decisions.flatMap((decision, element) => {
    const name = String(decision[matchKey]);
    const cluster = byName.get(name);
    if (!cluster) missing.add(name);
    return cluster ? [paramSet(paramsOf(cluster, decision, spec, context), { generator: context.path, element, cluster: name })] : [];
  });
  if (missing.size > 0) context.warn(`${context.path}: ${listed([...missing])} is decided for and is not a known cluster`);
  if (decisions.length === 0) context.warn(`${context.path}: no cluster is decided for`);
  return sets;
}

function paramsOf(
  cluster: ClusterEntry,
  decision: Readonly<Record<string, unknown>>,
  spec: DecisionSpec,
  context: GeneratorContext,
): Params {
  const fields = Object.entries(decision).map(([name, value]): [string, unknown] => [name, wholeNumber(value)]);
  const whole = { name: cluster.name, server: cluster.server, ...Object.fromEntries(fields) };
  return withCopiedValues(context.mode.isGo ? whole : plainParams(whole), spec.values, context);
}

/** Whole numbers of a document are integers in Argo CD here, not the floats of a file. */
function wholeNumber(value: unknown): unknown {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

const describe = (by: DecisionChoice): string => ('name' in by ? `is named ${by.name}` : 'has the labels of labelSelector');

function listed(names: readonly string[]): string {
  return `${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
}
