interface Node<Item> {
  children: Map<string, Node<Item>> | undefined;
  items: Set<Item> | undefined;
}

/** Items by paths of a repository, to find those that a change at, below or above one of their paths concerns. `''` is the root. */
export class PathTrie<Item> {
  readonly #root: Node<Item> = { children: undefined, items: undefined };

  get isEmpty(): boolean {
    return isEmpty(this.#root);
  }

  add(path: string, item: Item): void {
    let node = this.#root;
    for (const name of namesOf(path)) {
      node.children ??= new Map();
      const next = node.children.get(name) ?? { children: undefined, items: undefined };
      node.children.set(name, next);
      node = next;
    }
    node.items ??= new Set();
    node.items.add(item);
  }

  delete(path: string, item: Item): void {
    const names = namesOf(path);
    const passed = [this.#root];
    for (const name of names) {
      const next = passed.at(-1)!.children?.get(name);
      if (!next) return;
      passed.push(next);
    }
    passed.at(-1)!.items?.delete(item);
    for (let i = names.length; i > 0 && isEmpty(passed[i]!); i--) passed[i - 1]!.children!.delete(names[i - 1]!);
  }

  /** One pass over the changed paths; what they share on the way from the root is looked at once. */
  touchedBy(changed: Iterable<string>): Set<Item> {
    const touched = new Set<Item>();
    const taken = new Set<Node<Item>>();
    const take = (node: Node<Item>): void => {
      if (taken.has(node)) return;
      taken.add(node);
      for (const item of node.items ?? []) touched.add(item);
    };
    for (const path of changed) {
      let node: Node<Item> | undefined = this.#root;
      take(node);
      for (const name of namesOf(path)) {
        node = node.children?.get(name);
        if (!node) break;
        take(node);
      }
      if (node) for (const below of descendants(node)) take(below);
    }
    return touched;
  }
}

const namesOf = (path: string): string[] => (path === '' ? [] : path.split('/'));

const isEmpty = <Item>({ children, items }: Node<Item>): boolean => !children?.size && !items?.size;

function* descendants<Item>(node: Node<Item>): Generator<Node<Item>> {
  const open = [...(node.children?.values() ?? [])];
  for (let next = open.pop(); next; next = open.pop()) {
    yield next;
    open.push(...(next.children?.values() ?? []));
  }
}
