import { lookup, namesOf, type ParamSet } from '../generator/params.js';
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
  const firsts = new Map<string, Rendered>();
  const sharers = new Map<string, Rendered[]>();
  for (const one of rendered) {
    const first = firsts.get(one.name);
    if (!first) firsts.set(one.name, one);
    else if (!sharers.get(one.name)?.push(one)) sharers.set(one.name, [first, one]);
  }
  const names = [...firsts.keys()].sort();
  return names.map((name) => refuseShared(name, sharers.get(name)) ?? refuseSyntax(firsts.get(name)!));
}

function refuseShared(name: string, sharers: readonly Rendered[] | undefined): Rendered | undefined {
  if (!sharers) return undefined;
  const better = tellingParameter(sharers.map(({ set }) => set));
  const hint = better ? `use {{${better}}}` : 'put a parameter into metadata.name that differs';
  return new RefusedApplication(
    name,
    sharers[0]!.set,
    'duplicate-name',
    `${sharers.length} Applications share the name \`${name}\`; ${hint}`,
  );
}

function refuseSyntax(one: Rendered): Rendered {
  if (isApplicationName(one.name)) return one;
  const message = `${JSON.stringify(one.name)} is no name for an Application: lower-case letters, digits, "-" and "." only, at most 253`;
  return new RefusedApplication(one.name, one.set, 'invalid-name', message);
}

/** A parameter whose values are all different; a path segment before others, because directory layouts are the usual case. */
function tellingParameter(sets: readonly ParamSet[]): string | undefined {
  const telling = namesOf(sets[0]!).filter((name) => {
    const values = sets.map((set) => lookup(set, name));
    return values.every((value) => typeof value === 'string' && isApplicationName(value)) && new Set(values).size === values.length;
  });
  return telling.find((name) => /path\[\d+\]$/.test(name)) ?? telling.sort()[0];
}
