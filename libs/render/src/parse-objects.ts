import type { RenderedObject } from '@flotilla/bundle';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { parseYamlDocuments } from '@flotilla/yaml';
import { RenderFailedError, RenderLimitError } from './render.errors.js';

/** Objects of one application; more are refused. */
export const MAX_OBJECTS = 20_000;

/**
 * The Kubernetes objects of a rendered stream, `List` kinds unpacked, each with the template it came from where the tool
 * wrote a `# Source:` line above it.
 *
 * @throws RenderFailedError naming origin and line of what is not an object
 */
export function parseObjects(text: string, origin: string): RenderedObject[] {
  const lines = text.split('\n');
  const objects: RenderedObject[] = [];
  for (const { value, line } of parse(text, origin)) {
    if (value === null) continue;
    const place = sourceAbove(lines, line) ?? `${origin}:${line}`;
    for (const object of unpackList(value, place)) objects.push({ object, origin: place });
    if (objects.length > MAX_OBJECTS)
      throw new RenderLimitError(`${origin} holds more than ${MAX_OBJECTS} objects`, { limit: MAX_OBJECTS });
  }
  return objects;
}

/** The items of `kind: List`, `kind: ConfigMapList` and the like with `items`; the object itself otherwise. */
export function unpackList(value: unknown, place: string): unknown[] {
  if (!isObject(value))
    throw new RenderFailedError(`${place}: a Kubernetes object was expected, not ${Array.isArray(value) ? 'a list' : typeof value}`, {
      place,
    });
  const isList = typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items);
  return isList ? (value.items as unknown[]).flatMap((item) => unpackList(item, place)) : [value];
}

function parse(text: string, origin: string) {
  try {
    return parseYamlDocuments(text, { file: origin });
  } catch (error) {
    if (error instanceof InvalidInputError) throw new RenderFailedError(error.message, error.details);
    throw error;
  }
}

function sourceAbove(lines: readonly string[], line: number): string | undefined {
  for (let i = line - 2; i >= 0 && lines[i]!.startsWith('#'); i--) {
    const source = /^# Source: (.+)$/.exec(lines[i]!)?.[1];
    if (source) return source;
  }
  return undefined;
}
