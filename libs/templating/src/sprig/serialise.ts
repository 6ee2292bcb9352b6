import { isObject } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { Tools } from '../execute/tools.js';
import { writeGoYaml } from '../format/go-yaml.js';
import { TemplateLimitError } from '../template.errors.js';
import { toGoValue } from '../values/from-json.js';
import type { GoList, GoMap, GoValue } from '../values/go-value.js';
import { writeJson, writePrettyJson } from '../values/to-json.js';

/** @throws CallError without the text, which may hold a secret */
function parseJson(tools: Tools, text: string): GoValue {
  tools.budget.text(text.length);
  try {
    return toGoValue(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = /position (\d+)/.exec(error.message)?.[1];
    throw new CallError(`the text is not JSON${position === undefined ? '' : ` at character ${position}`}`);
  }
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

function notA(type: string, value: unknown): CallError {
  const name = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new CallError(`error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${name} into Go value of type ${type}`);
}

function mapOf(tools: Tools, text: string): GoMap {
  const value = parseYaml(tools, text) ?? {};
  if (!isObject(value)) throw notA('map[string]interface {}', value);
  return toGoValue(value) as GoMap;
}

function listOf(tools: Tools, text: string): GoList {
  const value = parseYaml(tools, text) ?? [];
  if (!Array.isArray(value)) throw notA('[]interface {}', value);
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
