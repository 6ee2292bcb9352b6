/**
 * Path elements in the text form of FieldsV1, which is also how field sets hold them: `f:NAME` a member, `k:{...}` a list item by its
 * keys, `v:VALUE` an item of a set, `i:N` an index. Keys inside `k:` are sorted and encoded as the real server does, so that equal
 * elements are equal strings. (structured-merge-diff v6, fieldpath/serialize-pe.go)
 */
export type PathElement = string;

const FIELD = 'f:';
const KEY = 'k:';
const VALUE = 'v:';

/** Names repeat endlessly (`f:metadata`); the concatenated strings are kept so that map look-ups need not hash them anew. */
const MAX_CACHED = 4096;
const fieldElements = new Map<string, PathElement>();

export function fieldElement(name: string): PathElement {
  const known = fieldElements.get(name);
  if (known !== undefined) return known;
  const element = FIELD + name;
  if (fieldElements.size >= MAX_CACHED) fieldElements.clear();
  fieldElements.set(name, element);
  return element;
}

/** The member's name when the element is a member. */
export function fieldName(element: PathElement): string | undefined {
  return element.startsWith(FIELD) ? element.slice(FIELD.length) : undefined;
}

const PLAIN = /^[\w./:@-]*$/;
const ESCAPED = /[<>&\u2028\u2029]/g;
const NEEDS_ESCAPE = /[<>&\u2028\u2029]/;

/** JSON as Go's encoder writes it: `<`, `>`, `&` and the two line separators escaped. */
function goJson(value: unknown): string {
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  const text = JSON.stringify(value);
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`) : text;
}

/** The element of a list item with these keys; `names` are sorted, members that are undefined are left out. */
export function keyElement(names: readonly string[], values: readonly unknown[]): PathElement {
  let text = '';
  for (let i = 0; i < names.length; i++) {
    if (values[i] === undefined) continue;
    text += `${text === '' ? '' : ','}${goJson(names[i])}:${goJson(values[i])}`;
  }
  return `${KEY}{${text}}`;
}

export function valueElement(value: unknown): PathElement {
  return VALUE + goJson(value);
}

type KeyFields = [name: string, value: unknown][];

function keyFields(element: PathElement): KeyFields {
  const fields = JSON.parse(element.slice(KEY.length)) as Record<string, unknown>;
  return Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
}

const canonical = new Map<string, PathElement>();

/** An element somebody else wrote, in our form. Throws SyntaxError on text that is no element. */
export function canonicalElement(text: string): PathElement {
  if (text.startsWith(FIELD)) return text;
  const known = canonical.get(text);
  if (known !== undefined) return known;
  const element = canonicalize(text);
  if (canonical.size >= MAX_CACHED) canonical.clear();
  canonical.set(text, element);
  return element;
}

function canonicalize(text: string): PathElement {
  if (text.startsWith(KEY)) {
    const fields = keyFields(text);
    return keyElement(
      fields.map(([name]) => name),
      fields.map(([, value]) => value),
    );
  }
  if (text.startsWith(VALUE)) return valueElement(JSON.parse(text.slice(VALUE.length)));
  if (/^i:-?\d+$/.test(text)) return text;
  throw new SyntaxError(`${JSON.stringify(text)} is no path element`);
}

/** The element as people read it, for example `.spec`, `[name="web"]`, `[="finalizer"]`. */
export function describeElement(element: PathElement): string {
  const name = fieldName(element);
  if (name !== undefined) return `.${name}`;
  if (element.startsWith(KEY))
    return `[${keyFields(element)
      .map(([key, value]) => `${key}=${goText(value)}`)
      .join(',')}]`;
  if (element.startsWith(VALUE)) return `[=${goText(JSON.parse(element.slice(VALUE.length)))}]`;
  return `[${element.slice(2)}]`;
}

export function describePath(path: readonly PathElement[]): string {
  return path.map(describeElement).join('');
}

function goText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function compareValues(a: unknown, b: unknown): number {
  const rank = (value: unknown) => ['number', 'string', 'boolean'].indexOf(typeof value);
  if (typeof a !== typeof b) return rank(a) - rank(b);
  if (a === b) return 0;
  return (a as string | number | boolean) < (b as string | number | boolean) ? -1 : 1;
}

function compareKeys(a: KeyFields, b: KeyFields): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [nameA, valueA] = a[i]!;
    const [nameB, valueB] = b[i]!;
    if (nameA !== nameB) return nameA < nameB ? -1 : 1;
    const order = compareValues(valueA, valueB);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const RANK = 'fkvi';

/** The real server's order: members by name, then items by keys, set items by value, indexes. */
export function compareElements(a: PathElement, b: PathElement): number {
  const rank = RANK.indexOf(a[0]!) - RANK.indexOf(b[0]!);
  if (rank !== 0) return rank;
  if (a.startsWith(FIELD)) return a < b ? -1 : a > b ? 1 : 0;
  if (a.startsWith(KEY)) return compareKeys(keyFields(a), keyFields(b));
  if (a.startsWith(VALUE)) return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
  return Number(a.slice(2)) - Number(b.slice(2));
}
