import { compareElements, type PathElement } from './path-element.js';

type Children = ReadonlyMap<PathElement, FieldSet>;

const NO_CHILDREN: Children = new Map();

/**
 * A set of paths as a tree: `isMember` says that the path up to here is in the set, the children say what below it is. Values never
 * change, and operations give back one of their inputs whenever the answer equals it. (structured-merge-diff v6, fieldpath/set.go)
 */
export class FieldSet {
  readonly isMember: boolean;
  readonly children: Children;

  /** To be called by `fieldSet` and for the two constants only. */
  constructor(isMember: boolean, children: Children) {
    this.isMember = isMember;
    this.children = children;
  }

  /** Nothing here or below is in the set. */
  get isEmpty(): boolean {
    return !this.isMember && this.children.size === 0;
  }

  child(element: PathElement): FieldSet {
    return this.children.get(element) ?? EMPTY_SET;
  }

  has(path: readonly PathElement[]): boolean {
    let node: FieldSet | undefined = this;
    for (const element of path) {
      node = node.children.get(element);
      if (!node) return false;
    }
    return node.isMember;
  }

  withMember(isMember: boolean): FieldSet {
    return isMember === this.isMember ? this : fieldSet(isMember, this.children);
  }

  union(other: FieldSet): FieldSet {
    if (this === other || other.isEmpty) return this;
    if (this.isEmpty) return other;
    let children: Map<PathElement, FieldSet> | undefined;
    for (const [element, theirs] of other.children) {
      const mine = this.children.get(element);
      const both = mine ? mine.union(theirs) : theirs;
      if (both === mine) continue;
      children ??= new Map(this.children);
      children.set(element, both);
    }
    return children ? fieldSet(this.isMember || other.isMember, children) : this.withMember(this.isMember || other.isMember);
  }

  intersection(other: FieldSet): FieldSet {
    if (this === other) return this;
    const children = new Map<PathElement, FieldSet>();
    const [few, many] = this.children.size <= other.children.size ? [this, other] : [other, this];
    for (const [element, set] of few.children) {
      const both = many.children.get(element)?.intersection(set);
      if (both && !both.isEmpty) children.set(element, both);
    }
    return fieldSet(this.isMember && other.isMember, children);
  }

  /** Members of this set that are not members of the other; a parent in one says nothing about a child in the other. */
  difference(other: FieldSet): FieldSet {
    return this.#without(other, false);
  }

  /** As `difference`, but a member of the other takes everything below it along. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#without(other, true);
  }

  #without(other: FieldSet, isRecursive: boolean): FieldSet {
    if (other.isEmpty) return this;
    if (isRecursive && other.isMember) return EMPTY_SET;
    let children: Map<PathElement, FieldSet> | undefined;
    const [few, many] = this.children.size <= other.children.size ? [this, other] : [other, this];
    for (const element of few.children.keys()) {
      if (!many.children.has(element)) continue;
      const mine = this.children.get(element)!;
      const rest = mine.#without(other.children.get(element)!, isRecursive);
      if (rest === mine) continue;
      children ??= new Map(this.children);
      if (rest.isEmpty) children.delete(element);
      else children.set(element, rest);
    }
    const isMember = this.isMember && !other.isMember;
    return children ? fieldSet(isMember, children) : this.withMember(isMember);
  }

  equals(other: FieldSet): boolean {
    if (this === other) return true;
    if (this.isMember !== other.isMember || this.children.size !== other.children.size) return false;
    for (const [element, set] of this.children) {
      const theirs = other.children.get(element);
      if (!theirs || !set.equals(theirs)) return false;
    }
    return true;
  }

  /** Every path in the set in the real server's order: the members of a level first, then what lies below them. */
  paths(): PathElement[][] {
    const found: PathElement[][] = [];
    this.#collect([], found);
    return found;
  }

  #collect(prefix: readonly PathElement[], into: PathElement[][]): void {
    const sorted = [...this.children].sort(([a], [b]) => compareElements(a, b));
    for (const [element, set] of sorted) if (set.isMember) into.push([...prefix, element]);
    for (const [element, set] of sorted) if (set.children.size > 0) set.#collect([...prefix, element], into);
  }
}

export const EMPTY_SET: FieldSet = new FieldSet(false, NO_CHILDREN);
/** One path that ends here. */
export const LEAF_SET: FieldSet = new FieldSet(true, NO_CHILDREN);

export function fieldSet(isMember: boolean, children: Children): FieldSet {
  if (children.size > 0) return new FieldSet(isMember, children);
  return isMember ? LEAF_SET : EMPTY_SET;
}

/** Collects paths one by one into a set. */
export class FieldSetBuilder {
  #isMember = false;
  #children: Map<PathElement, FieldSetBuilder> | undefined;

  insert(path: readonly PathElement[]): void {
    // Nobody owns an object as a whole.
    if (path.length === 0) return;
    let node: FieldSetBuilder = this;
    for (const element of path) {
      node.#children ??= new Map();
      let next = node.#children.get(element);
      if (!next) {
        next = new FieldSetBuilder();
        node.#children.set(element, next);
      }
      node = next;
    }
    node.#isMember = true;
  }

  build(): FieldSet {
    if (!this.#children) return this.#isMember ? LEAF_SET : EMPTY_SET;
    const children = new Map<PathElement, FieldSet>();
    for (const [element, builder] of this.#children) children.set(element, builder.build());
    return fieldSet(this.#isMember, children);
  }
}

export function fieldSetOfPaths(paths: readonly (readonly PathElement[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder.build();
}
