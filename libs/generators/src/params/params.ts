/** Parameters by flat name (`metadata.labels.env`, `path[0]`). Only text is ever substituted. */
export type Params = Readonly<Record<string, unknown>>;

/** Where a parameter set came from: the generator that gave it and, where there is one, the file, element or cluster. */
export interface Origin {
  generator: string;
  file?: string;
  element?: number;
  cluster?: string;
}

/** One set of parameters. Equal names in two layers have equal values. */
export interface ParamSet {
  readonly layers: readonly Params[];
  readonly origins: readonly Origin[];
  /** What a merge laid over what; only those who ask where a parameter comes from look at it. */
  readonly merged?: { readonly over: ParamSet; readonly under: ParamSet };
}

/**
 * Two sets side by side, as a matrix makes them by the hundred thousand: it only points at its halves, so that a half
 * shared by thousands of pairs is looked up and escaped once.
 */
export class PairedSet implements ParamSet {
  readonly left: ParamSet;
  readonly right: ParamSet;

  constructor(left: ParamSet, right: ParamSet) {
    this.left = left;
    this.right = right;
  }

  get layers(): readonly Params[] {
    return [...this.left.layers, ...this.right.layers];
  }

  get origins(): readonly Origin[] {
    return [...this.left.origins, ...this.right.origins];
  }
}

export function paramSet(params: Params, origin: Origin): ParamSet {
  return { layers: [params], origins: [origin] };
}

export function lookup(set: ParamSet, name: string): unknown {
  if (set instanceof PairedSet) return lookup(set.left, name) ?? lookup(set.right, name);
  for (const layer of set.layers) if (Object.hasOwn(layer, name)) return layer[name];
  return undefined;
}

export function namesOf(set: ParamSet): string[] {
  if (set.layers.length === 1) return Object.keys(set.layers[0]!);
  return [...new Set(set.layers.flatMap((layer) => Object.keys(layer)))];
}

export function isEmpty(set: ParamSet): boolean {
  if (set instanceof PairedSet) return isEmpty(set.left) && isEmpty(set.right);
  return set.layers.every(hasNoName);
}

function hasNoName(layer: Params): boolean {
  for (const name in layer) if (Object.hasOwn(layer, name)) return false;
  return true;
}

/** All parameters as one object, sorted by name. */
export function mergedParams(set: ParamSet): Record<string, unknown> {
  return Object.fromEntries(
    namesOf(set)
      .sort()
      .map((name) => [name, lookup(set, name)]),
  );
}
