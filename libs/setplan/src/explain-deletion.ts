import { type ApplicationSet, labelSelectorSchema, type ResourceDocument } from '@flotilla/contracts';
import type { Expansion } from '@flotilla/generators';
import { isObject } from '@flotilla/kernel';
import { matchesSelector, parseLabelSelector, type Requirement } from '@flotilla/selector';
import { explainPatterns, repositoryOf } from './explain-file.js';
import { type Source, sourcesOf } from './generated-from.js';

/** Why an application is no longer generated. */
export interface DeletionReason {
  name: string;
  reason:
    | 'SetDeleted'
    | 'GeneratorGone'
    | 'ClusterGone'
    | 'ClusterNotSelected'
    | 'FileGone'
    | 'FileNotSelected'
    | 'ElementGone'
    | 'Renamed'
    | 'NotGenerated';
  message: string;
}

/** A cluster of the inventory as far as selectors look at it. */
export interface SelectableCluster {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** What the present expansion read. */
export interface PresentInputs {
  set: ApplicationSet;
  expansion: Expansion;
  clusters: readonly SelectableCluster[];
  /** The commit a repository's revision meant; undefined when it was not read. */
  commitOf?(repoURL: string, revision: string): string | undefined;
}

/** Says for each stored application what changed, from what it came of and what the set reads now. */
export function deletionExplainer(present: PresentInputs): (document: ResourceDocument) => DeletionReason {
  const clusters = new Map(present.clusters.map((cluster) => [cluster.name, cluster]));
  const made = namesBySource(present.expansion);
  return (document) => {
    const { name } = document.metadata;
    const sources = sourcesOf(document);
    if (sources.length === 0) return { name, reason: 'NotGenerated', message: 'no generator of the set makes it now' };
    return { name, ...explainSources(sources, { present, clusters, made }) };
  };
}

interface Known {
  present: PresentInputs;
  clusters: ReadonlyMap<string, SelectableCluster>;
  /** Names of the applications that come of each source now. */
  made: ReadonlyMap<string, string[]>;
}

/** Of several sources the one that is certain to have changed is named; of files that make nothing, only the sole suspect. */
function explainSources(sources: readonly Source[], known: Known): Explanation {
  const findings = sources.map((source) => judgeSource(source, known));
  const certain = findings.find((finding): finding is Explanation => typeof finding === 'object');
  if (certain) return certain;
  const suspects = sources.filter((_, i) => findings[i] === 'silent');
  const [only, ...more] = suspects;
  if (!only || (sources.length === 1 && only.file === undefined)) return explainRest(sources, known.made);
  const { generator, file } = only;
  if (more.length === 0 && file !== undefined) {
    return {
      reason: 'FileGone',
      message: `${file} is not in ${repositoryOf(specAt(known.present.set, generator)!, known.present.commitOf)}, which ${generator} reads`,
    };
  }
  return { reason: 'NotGenerated', message: `${suspects.map(placeOf).join(' or ')} no longer gives what it needs` };
}

type Explanation = Pick<DeletionReason, 'reason' | 'message'>;

/** An explanation, or whether the source still makes something (`heard`) or nothing at all (`silent`). */
function judgeSource(source: Source, { present, clusters, made }: Known): Explanation | 'heard' | 'silent' {
  const { generator, cluster, file } = source;
  const spec = specAt(present.set, generator);
  if (!spec) return { reason: 'GeneratorGone', message: `${generator} is no longer in the set` };
  const isHeard = made.has(sourceKey(source));
  if (cluster !== undefined) {
    const entry = clusters.get(cluster);
    if (!entry) return { reason: 'ClusterGone', message: `cluster ${cluster} is no longer in the inventory that ${generator} sees` };
    const requirements = readRequirements(spec.selector);
    return (requirements && explainCluster(entry, generator, requirements)) ?? (requirements || isHeard ? 'heard' : 'silent');
  }
  if (isHeard) return 'heard';
  if (file !== undefined) return explainPatterns({ generator, file }, spec) ?? 'silent';
  return Array.isArray(spec.elements) && spec.elements.length > 0 ? 'heard' : 'silent';
}

/** The first label that keeps a cluster out; undefined when the selector still takes it. */
function explainCluster(
  { name, labels }: SelectableCluster,
  generator: string,
  requirements: readonly Requirement[],
): Explanation | undefined {
  const failed = requirements.find((requirement) => !matchesSelector([requirement], labels));
  if (!failed) return undefined;
  const value = labels[failed.key];
  const has = value === undefined ? `no label ${failed.key}` : `label ${failed.key}=${value}`;
  return {
    reason: 'ClusterNotSelected',
    message: `cluster ${name} has ${has}, and ${generator}.selector asks for ${textOf(failed)}`,
  };
}

/** Undefined when only an outer generator knows what is selected. */
function readRequirements(selector: unknown): readonly Requirement[] | undefined {
  if (JSON.stringify(selector ?? null).includes('{{')) return undefined;
  const read = labelSelectorSchema.safeParse(selector ?? {});
  return read.success ? parseLabelSelector(read.data) : undefined;
}

function textOf({ key, operator, values }: Requirement): string {
  const list = values.join(', ');
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${list}` : `${key} in (${list})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${list}` : `${key} notin (${list})`;
    case 'Exists':
      return `any ${key}`;
    case 'DoesNotExist':
      return `no ${key}`;
    default:
      return `${key} ${operator === 'Gt' ? '>' : '<'} ${list}`;
  }
}

/** Everything it came from is still read. */
function explainRest(sources: readonly Source[], made: ReadonlyMap<string, string[]>): Explanation {
  const last = sources.at(-1)!;
  const isElement = sources.every(({ file, cluster }) => file === undefined && cluster === undefined);
  if (isElement) return { reason: 'ElementGone', message: `no element of ${last.generator} makes it any more` };
  const places = sources.map(placeOf);
  const others = sources.length === 1 ? (made.get(sourceKey(last)) ?? []) : [];
  if (others.length > 0) return { reason: 'Renamed', message: `${places[0]} makes ${others.slice(0, 3).join(', ')} now` };
  return { reason: 'NotGenerated', message: `${places.join(' and ')} together make it no longer; what they give, or a selector, changed` };
}

const placeOf = ({ generator, file, cluster }: Source): string => cluster ?? file ?? generator;
const sourceKey = ({ generator, file, cluster }: Source): string => JSON.stringify([generator, file, cluster]);

function namesBySource({ applications, held }: Expansion): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { name, origins } of [...applications, ...held]) {
    for (const origin of origins) {
      const list = names.get(sourceKey(origin));
      if (list) list.push(name);
      else names.set(sourceKey(origin), [name]);
    }
  }
  return names;
}

/** The generator's value at `generators[0].matrix.generators[1].git`; undefined when there is none of that kind. */
function specAt({ spec }: ApplicationSet, path: string): Record<string, unknown> | undefined {
  let node: unknown = spec;
  for (const [, key, index] of path.matchAll(/([A-Za-z]+)|\[(\d+)\]/g)) {
    if (index !== undefined) node = Array.isArray(node) ? node[Number(index)] : undefined;
    else if (isObject(node)) node = node[key!] ?? (key === 'clusters' ? node.cluster : undefined);
    else return undefined;
  }
  return isObject(node) ? node : undefined;
}
