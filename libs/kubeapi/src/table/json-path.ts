import { InvalidInputError, isObject } from '@flotilla/kernel';

type Step =
  | { kind: 'member'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: readonly Step[]; value: string; isNegated: boolean };

/** A path compiled once and evaluated often. */
export type JsonPath = (value: unknown) => unknown[];

const MAX_LENGTH = 1_000;
const TOKEN = /\.((?:\\.|[^.[\]\\])+)|\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|(-?\d+)|(\*)|\?\(([^)]*)\))\]|\.(?=\[)/y;
const FILTER = /^\s*@((?:\.|\[).*?)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))\s*$/;

/**
 * Compiles the part of Kubernetes' JSONPath that printer columns use: members (`.a\.b`, `['a']`), indices, `[*]` and
 * `[?(@.type=="Ready")]`. Braces around the whole are optional.
 * @throws InvalidInputError naming the position
 */
export function compileJsonPath(path: string): JsonPath {
  const steps = parse(path.trim().replace(/^\{(.*)\}$/, '$1'));
  return (value) => evaluate(steps, [value]);
}

function parse(text: string): Step[] {
  if (text.length > MAX_LENGTH) throw new InvalidInputError(`a JSONPath of ${text.length} characters is longer than ${MAX_LENGTH}`);
  const path = text.replace(/^\$/, '');
  const steps: Step[] = [];
  const source = path.startsWith('.') || path.startsWith('[') || path === '' ? path : `.${path}`;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new InvalidInputError(`JSONPath ${JSON.stringify(text)} cannot be read from position ${at}`);
    const step = toStep(match);
    if (step) steps.push(step);
  }
  return steps;
}

function toStep([, member, single, double, index, all, filter]: RegExpExecArray): Step | undefined {
  if (filter !== undefined) return toFilter(filter);
  if (all !== undefined || member === '*') return { kind: 'all' };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  const name = member ?? single ?? double;
  return name === undefined ? undefined : { kind: 'member', name: name.replace(/\\(.)/g, '$1') };
}

function toFilter(text: string): Step {
  const match = FILTER.exec(text);
  if (!match) throw new InvalidInputError(`JSONPath filter ${JSON.stringify(text)} is not of the form @.field=="value"`);
  const saved = TOKEN.lastIndex;
  const path = parse(match[1]!);
  TOKEN.lastIndex = saved;
  return { kind: 'filter', path, isNegated: match[2] === '!=', value: match[3] ?? match[4] ?? match[5] ?? '' };
}

function evaluate(steps: readonly Step[], values: readonly unknown[]): unknown[] {
  return steps.reduce<unknown[]>((current, step) => current.flatMap((value) => take(step, value)), [...values]);
}

function take(step: Step, value: unknown): unknown[] {
  switch (step.kind) {
    case 'member':
      return isObject(value) && Object.hasOwn(value, step.name) && value[step.name] !== undefined ? [value[step.name]] : [];
    case 'index': {
      const found = Array.isArray(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'all':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'filter':
      return (Array.isArray(value) ? value : []).filter((item) => {
        const found = evaluate(step.path, [item]);
        return found.length > 0 && (String(found[0]) === step.value) !== step.isNegated;
      });
  }
}
