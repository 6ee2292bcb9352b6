import { labelSelectorSchema } from '@flotilla/contracts';
import { closestWord, isObject, messageOf } from '@flotilla/kernel';
import { parseLabelSelector, type Requirement } from '@flotilla/selector';
import type { z } from 'zod';
import type { Generator } from './generator.js';
import { GeneratorError, UnknownGeneratorError } from './generators.errors.js';
import { GENERATOR_ALIASES, GENERATORS } from './registry.js';

/** One entry of `generators`, read: the generators it names with their checked specs, and its selector. */
export interface GeneratorEntry {
  uses: readonly { generator: Generator; spec: unknown; path: string; template?: unknown }[];
  selector: readonly Requirement[];
  warnings: readonly string[];
}

/** @throws GeneratorError when the entry names no generator or has a field of a wrong type */
export function readEntry(entry: unknown, path: string): GeneratorEntry {
  if (!isObject(entry)) throw new UnknownGeneratorError(path, 'a generator is a map with one generator key');
  const warnings: string[] = [];
  const specs = new Map<string, unknown>();
  for (const [written, spec] of Object.entries(entry)) {
    if (written === 'selector' || spec === undefined || spec === null) continue;
    const key = meant(written);
    if (key !== written) warnings.push(`${path}.${written} is not a generator; read as \`${key}\``);
    refuseForeign(key, path);
    specs.set(key, spec);
  }
  const nulls = Object.keys(entry).filter((key) => key !== 'selector' && entry[key] === null);
  for (const key of nulls) refuseForeign(meant(key), path);
  if (specs.size === 0) {
    const hint = nulls.length > 0 ? `${nulls[0]} is empty; write \`${nulls[0]}: {}\` to mean it` : 'it names no generator';
    throw new UnknownGeneratorError(path, hint);
  }
  const uses = GENERATORS.filter(({ key }) => specs.has(key)).map((generator) => readUse(generator, specs.get(generator.key), path));
  return { uses, selector: readSelector(entry.selector, path), warnings };
}

const meant = (written: string): string => (Object.hasOwn(GENERATOR_ALIASES, written) ? GENERATOR_ALIASES[written]! : written);

function refuseForeign(key: string, path: string): void {
  if (GENERATORS.some((generator) => generator.key === key)) return;
  const known = GENERATORS.map((generator) => generator.key);
  const closest = closestWord(key, known);
  throw new UnknownGeneratorError(path, `${key} is not a generator${closest ? `; did you mean \`${closest}\`` : ''}`, { key });
}

function readUse(generator: Generator, spec: unknown, path: string): GeneratorEntry['uses'][number] {
  const below = `${path}.${generator.key}`;
  const read = generator.schema.safeParse(spec);
  if (!read.success) throw new GeneratorError(below, describeIssue(read.error.issues[0]!));
  const template = isObject(spec) ? spec.template : undefined;
  return { generator, spec: read.data, path: below, ...(template ? { template } : {}) };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const field = issue.path.map(String).join('.');
  return field === '' ? issue.message : `${field}: ${issue.message}`;
}

function readSelector(selector: unknown, path: string): Requirement[] {
  if (selector === undefined || selector === null) return [];
  try {
    return parseLabelSelector(labelSelectorSchema.parse(selector));
  } catch (error) {
    throw new GeneratorError(`${path}.selector`, messageOf(error));
  }
}
