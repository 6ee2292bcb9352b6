import { isObject } from '@flotilla/kernel';
import type { KubeMeta, KubeObject, ManagedFieldsEntry } from './kube-object.js';
import { escapePointer } from './subset-diff.js';

/** One `fieldsV1` tree, as managedFields carries it: `f:` member, `k:` list element by keys, `v:` set member, `.` the node itself. */
export type FieldSet = Record<string, unknown>;

/** Fields a manager owns by server-side apply; those of status and other subresources are not ours to compare. */
export function appliedFields(meta: KubeMeta, manager: string): FieldSet | undefined {
  const entry = meta.managedFields?.find((e) => e.manager === manager && e.operation === 'Apply' && !e.subresource);
  return isObject(entry?.fieldsV1) ? entry.fieldsV1 : undefined;
}

/** The part of an object that a field set names; list elements keep their order, ignored JSON pointers are left out. */
export function projectFields(object: KubeObject, fields: FieldSet, ignoredPointers: readonly string[] = []): unknown {
  return project(object, fields, '', new Set(ignoredPointers));
}

function project(value: unknown, fields: FieldSet, pointer: string, ignored: ReadonlySet<string>): unknown {
  const names = Object.keys(fields).filter((name) => name !== '.');
  if (names.length === 0) return value;
  if (Array.isArray(value)) {
    return value
      .map((item, i) => ({ item, i, selected: names.find((name) => selects(name, item)) }))
      .filter(({ i, selected }) => selected !== undefined && !ignored.has(`${pointer}/${i}`))
      .map(({ item, i, selected }) => project(item, asFields(fields[selected!]), `${pointer}/${i}`, ignored));
  }
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const name of names) {
    const member = name.slice(2);
    const below = `${pointer}/${escapePointer(member)}`;
    if (!name.startsWith('f:') || !Object.hasOwn(value, member) || ignored.has(below)) continue;
    Object.defineProperty(result, member, {
      value: project(value[member], asFields(fields[name]), below, ignored),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return result;
}

/** Paths of the leaves of a set, as `f:spec.f:replicas` with members joined by a NUL that no name holds. */
export function leafPaths(fields: FieldSet, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([name, below]) => {
    if (name === '.') return [];
    const path = prefix === '' ? name : `${prefix}\0${name}`;
    const deeper = leafPaths(asFields(below), path);
    return deeper.length > 0 ? deeper : [path];
  });
}

/** `spec.template.spec.containers[{"name":"web"}].image`, for people. */
export function readablePath(path: string): string {
  return path
    .split('\0')
    .map((part) => (part.startsWith('f:') ? `.${part.slice(2)}` : `[${part.slice(2)}]`))
    .join('')
    .replace(/^\./, '');
}

/** The object without the named leaves, so that an apply of it makes no claim on them. */
export function omitFields(object: KubeObject, paths: readonly string[]): KubeObject {
  const copy = structuredClone(object);
  for (const path of paths) omit(copy, path.split('\0'));
  return copy;
}

function omit(value: unknown, [head, ...rest]: string[]): void {
  if (head === undefined) return;
  if (Array.isArray(value)) {
    const at = value.findIndex((item) => selects(head, item));
    if (at < 0) return;
    if (rest.length === 0) value.splice(at, 1);
    else omit(value[at], rest);
  } else if (isObject(value) && head.startsWith('f:')) {
    const member = head.slice(2);
    if (rest.length === 0) delete value[member];
    else if (Object.hasOwn(value, member)) omit(value[member], rest);
  }
}

/** Whether a `k:` or `v:` name of a field set means this list element. */
function selects(name: string, item: unknown): boolean {
  const wanted = parse(name.slice(2));
  if (name.startsWith('v:')) return JSON.stringify(wanted) === JSON.stringify(item);
  if (!name.startsWith('k:') || !isObject(wanted) || !isObject(item)) return false;
  return Object.entries(wanted).every(([key, value]) => {
    // An element that leaves a key out is told by the key's default (`protocol: TCP`), which only the server knows.
    return item[key] === value || (item[key] === undefined && key === 'protocol' && value === 'TCP');
  });
}

/** The managers besides `manager` that own any of the paths now, newest write first. */
export function ownersOf(meta: KubeMeta, paths: readonly string[], manager: string): string[] {
  const wanted = new Set(paths);
  const owners = (meta.managedFields ?? [])
    .filter((entry) => entry.manager !== manager && isObject(entry.fieldsV1))
    .filter((entry) => leafPaths(entry.fieldsV1 as FieldSet).some((path) => wanted.has(path)))
    .sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  return [...new Set(owners.map((entry) => entry.manager ?? 'unknown'))];
}

/** Both sets in one. */
export function unionFields(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a };
  for (const [name, below] of Object.entries(b)) {
    result[name] = Object.hasOwn(result, name) ? unionFields(asFields(result[name]), asFields(below)) : below;
  }
  return result;
}

export type { ManagedFieldsEntry };

function asFields(value: unknown): FieldSet {
  return isObject(value) ? value : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
