import { lookup, namesOf, PairedSet, type ParamSet } from '../params/params.js';
import { RefusedApplication, type Rendered } from './rendered.js';

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function isApplicationName(name: string): boolean {
  return name.length <= 253 && DNS_SUBDOMAIN.test(name);
}

/**
 * Sorts by name and holds back what must not be written: every application of a name that two share, and names Kubernetes
 * would refuse. Argo CD holds the first of equal names back too; the syntax check is ours.
 */
export function holdNames(rendered: readonly Rendered[]): Rendered[] {
  const sorted = sortByName(rendered);
  const named: Rendered[] = [];
  for (let i = 0; i < sorted.length; ) {
    const one = sorted[i]!;
    let end = i + 1;
    while (end < sorted.length && sorted[end]!.name === one.name) end++;
    named.push(end === i + 1 ? refuseSyntax(one) : refuseShared(one.name, sorted.slice(i, end)));
    i = end;
  }
  return named;
}

/**
 * Equal names keep their order. A matrix gives names that are sorted within each of its inner or each of its outer sets; laid out
 * by whichever it is, they are a few sorted runs, which the sort only has to merge.
 */
function sortByName(rendered: readonly Rendered[]): Rendered[] {
  const descents = countDescents(rendered, rendered.length / 32);
  if (descents === 0) return [...rendered];
  if (descents < rendered.length / 32) return [...rendered].sort(byName);
  const runs = new Map<ParamSet | undefined, Rendered[]>();
  for (const one of rendered) {
    const inner = one.set instanceof PairedSet ? one.set.right : undefined;
    const run = runs.get(inner);
    if (run) run.push(one);
    else runs.set(inner, [one]);
  }
  return [...runs.values()].flat().sort(byName);
}

/** How often a name comes before the one it follows; counted as far as `enough`. */
function countDescents(rendered: readonly Rendered[], enough: number): number {
  let descents = 0;
  for (let i = 1; i < rendered.length && descents <= enough; i++) if (rendered[i]!.name < rendered[i - 1]!.name) descents++;
  return descents;
}

const byName = (a: Rendered, b: Rendered): number => (a.name < b.name ? -1 : a.name === b.name ? 0 : 1);

function refuseShared(name: string, sharers: readonly Rendered[]): Rendered {
  const better = tellingParameter(sharers.map(({ set }) => set));
  const hint = better ? `use {{${better}}}` : 'put a parameter into metadata.name that differs';
  return new RefusedApplication(
    name,
    sharers[0]!.set,
    'duplicate-name',
    `${sharers.length} Applications share the name \`${name}\`; ${hint}`,
    'metadata.name',
  );
}

function refuseSyntax(one: Rendered): Rendered {
  if (isApplicationName(one.name)) return one;
  const message = `${JSON.stringify(one.name)} is no name for an Application: lower-case letters, digits, "-" and "." only, at most 253`;
  return new RefusedApplication(one.name, one.set, 'invalid-name', message, 'metadata.name');
}

/** A parameter whose values are all different; a path segment before others, because directory layouts are the usual case. */
function tellingParameter(sets: readonly ParamSet[]): string | undefined {
  const telling = namesOf(sets[0]!).filter((name) => {
    const values = sets.map((set) => lookup(set, name));
    return values.every((value) => typeof value === 'string' && isApplicationName(value)) && new Set(values).size === values.length;
  });
  return telling.find((name) => /path\[\d+\]$/.test(name)) ?? telling.sort()[0];
}
