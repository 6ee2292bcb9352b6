import { isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { z } from 'zod';
import { flattenParams, plainText } from '../params/flatten-params.js';
import { PARAMETER_LIMITS } from '../params/git-file-params.js';
import { type ParamSet, paramSet } from '../params/params.js';
import { defineGenerator, type GeneratorContext, noInputs } from './generator.js';
import { GeneratorError } from './generators.errors.js';

const schema = z.object({
  elements: z.array(z.unknown()).nullable().optional(),
  elementsYaml: z.string().optional(),
  template: z.unknown().optional(),
});
type ListSpec = z.infer<typeof schema>;

/** Elements as they stand, in their order. Source: argo-cd applicationset/generators/list.go. */
export const listGenerator = defineGenerator<ListSpec>({
  key: 'list',
  schema,
  inputs: () => noInputs,
  generate: async (spec, context) => {
    const untyped = new Set<string>();
    const read = (element: unknown, i: number) => readElement(element, i, context, untyped);
    const sets = [...(spec.elements ?? []), ...readElementsYaml(spec.elementsYaml, context)].map(read);
    if (untyped.size > 0) context.warn(describeUntyped(context.path, untyped));
    return sets;
  },
});

/** The elements of the text, which an outer matrix may have filled in; they follow the written ones. */
function readElementsYaml(text: string | undefined, context: GeneratorContext): unknown[] {
  if (!text) return [];
  const path = `${context.path}.elementsYaml`;
  try {
    const elements = parseYamlDocument(text, { file: 'elementsYaml', ...PARAMETER_LIMITS });
    if (Array.isArray(elements)) return elements;
  } catch (error) {
    throw new GeneratorError(path, messageOf(error));
  }
  throw new GeneratorError(path, 'it must be a list of maps');
}

function readElement(element: unknown, index: number, context: GeneratorContext, untyped: Set<string>): ParamSet {
  const path = `${context.path}.elements[${index}]`;
  if (!isObject(element)) throw new GeneratorError(path, 'an element must be a map of parameters', { element: index });
  if (context.mode.isGo) return paramSet(element, { generator: context.path, element: index });
  for (const [name, value] of Object.entries(element)) if (!isTextualElement(name, value)) untyped.add(name);
  try {
    return paramSet(flattenParams(element, plainText), { generator: context.path, element: index });
  } catch (error) {
    throw new GeneratorError(path, messageOf(error), { element: index });
  }
}

/** @param path of the generator */
export function describeUntyped(path: string, names: ReadonlySet<string>): string {
  return (
    `${path}.elements: ${[...names].join(', ')} ${names.size === 1 ? 'is' : 'are'} not text and read as text with dotted names; ` +
    'strict Argo CD needs quotes or `goTemplate: true`'
  );
}

/** Texts, and the nested map `values` of texts, are what Argo CD itself takes. */
export function isTextualElement(name: string, value: unknown): boolean {
  if (typeof value === 'string') return true;
  return name === 'values' && isObject(value) && Object.values(value).every((member) => typeof member === 'string');
}
