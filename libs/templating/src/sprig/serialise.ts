import { isObject } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { Tools } from '../execute/tools.js';
import { writeGoYaml } from '../format/go-yaml.js';
import { TemplateLimitError } from '../template.errors.js';
import { toGoValue } from '../values/from-json.js';
import type { GoList, GoMap, GoValue } from '../values/go-value.js';
import { writeJson, writePrettyJson } from '../values/to-json.js';

function parseJson(tools: Tools, text: string): GoValue {
  tools.budget.text(text.length);
  return toGoValue(JSON.parse(text));
}

/** @throws CallError with the reason alone: the text may hold a secret */
function parseYaml(tools: Tools, text: string): unknown {
  tools.budget.text(text.length);
  return parseYamlDocument(text, { maxNodes: 200_000 });
}

/** What sprig swallows; limits are never swallowed. */
function orElse<T>(attempt: () => T, fallback: T): T {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof TemplateLimitError) throw error;
    return fallback;
  }
}

type Write = (value: GoValue, tools: Tools) => string;
const compactJson: Write = (value, tools) => writeJson(value, tools.budget);
const prettyJson: Write = (value, tools) => writePrettyJson(value, tools.budget);
const rawJson: Write = (value, tools) => writeJson(value, tools.budget, true);
const must = (write: Write) => defineFunction(['any'], (tools, value) => write(value, tools));
const lenient = (write: Write) => defineFunction(['any'], (tools, value) => orElse(() => write(value, tools), ''));

function mapOf(tools: Tools, text: string): GoMap {
  const value = parseYaml(tools, text) ?? {};
  if (!isObject(value))
    throw new CallError('error unmarshaling JSON: json: cannot unmarshal into Go value of type map[string]interface {}');
  return toGoValue(value) as GoMap;
}

function listOf(tools: Tools, text: string): GoList {
  const value = parseYaml(tools, text) ?? [];
  if (!Array.isArray(value)) throw new CallError('error unmarshaling JSON: json: cannot unmarshal into Go value of type []interface {}');
  return toGoValue(value) as GoList;
}

export const serialiseFunctions: FunctionTable = {
  toJson: lenient(compactJson),
  mustToJson: must(compactJson),
  toPrettyJson: lenient(prettyJson),
  mustToPrettyJson: must(prettyJson),
  toRawJson: must(rawJson),
  mustToRawJson: must(rawJson),
  fromJson: defineFunction(['string'], (tools, text) => orElse(() => parseJson(tools, text), null)),
  mustFromJson: defineFunction(['string'], parseJson),
  // The last three are Argo CD's (applicationset/utils/template_functions.go), which fails where Helm's answer with the error.
  toYaml: must((value, tools) => writeGoYaml(value, tools.budget)),
  fromYaml: defineFunction(['string'], mapOf),
  fromYamlArray: defineFunction(['string'], listOf),
};
