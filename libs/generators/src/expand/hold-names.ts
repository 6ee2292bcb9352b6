import { lookup, namesOf, type ParamSet } from '../params/params.js';
import { countFalls } from './inner-order.js';
import { RefusedApplication, type Rendered, RenderedApplication } from './rendered.js';

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function isApplicationName(name: string): boolean {
  return name.length <= 253 && DNS_SUBDOMAIN.test(name);
}

/** What a set expands to, by name. */
export interface NamedApplications {
  applications: RenderedApplication[];
  held: RefusedApplication[];
}

/**
 * Sorts by name and holds back what must not be written: every application of a name that two share, and names Kubernetes
 * would refuse. Argo CD holds the first of equal names back too; the syntax check is ours.
 */
export function holdNames(rendered: readonly Rendered[]): NamedApplications {
  const { sorted, isDistinct } = sortByName(rendered);
  const named: NamedApplications = { applications: [], held: [] };
  for (let i = 0; i < sorted.length; ) {
    const one = sorted[i]!;
    const { name } = one;
    let end = i + 1;
    while (!isDistinct && end < sorted.length && sorted[end]!.name === name) end++;
    if (end > i + 1) named.held.push(refuseShared(name, sorted.slice(i, end)));
    else if (!isApplicationName(name)) named.held.push(refuseSyntax(one));
    else if (one instanceof RenderedApplication) named.applications.push(one);
    else named.held.push(one);
    i = end;
  }
  return named;
}

/** Equal names keep their order. */
function sortByName(rendered: readonly Rendered[]): { sorted: readonly Rendered[]; isDistinct: boolean } {
  if (countFalls(rendered, 0) === 0) return { sorted: rendered, isDistinct: true };
  return { sorted: [...rendered].sort(byName), isDistinct: false };
}

const byName = (a: Rendered, b: Rendered): number => (a.name < b.name ? -1 : a.name === b.name ? 0 : 1);

function refuseShared(name: string, sharers: readonly Rendered[]): RefusedApplication {
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

function refuseSyntax(one: Rendered): RefusedApplication {
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
