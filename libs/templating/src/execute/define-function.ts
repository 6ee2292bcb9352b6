import { GoFunction, type GoList, type GoMap, type GoStruct, type GoValue, type ParamKind } from '../values/go-value.js';
import type { Tools } from './tools.js';

/** What each kind of parameter arrives as. */
interface ArgumentTypes extends Record<ParamKind, unknown> {
  value: GoValue;
  any: GoValue;
  string: string;
  int: number;
  int64: bigint;
  uint32: number;
  float64: number;
  bool: boolean;
  map: GoMap;
  strings: GoList;
  list: GoList;
  /** A `time.Time`. */
  time: GoStruct;
}

type Param = ParamKind | `...${ParamKind}`;

type Arguments<P extends readonly Param[]> = P extends readonly [infer Head, ...infer Tail extends readonly Param[]]
  ? Head extends `...${infer Kind extends ParamKind}`
    ? ArgumentTypes[Kind][]
    : Head extends ParamKind
      ? [ArgumentTypes[Head], ...Arguments<Tail>]
      : []
  : [];

/** Functions by the names templates call them. */
export type FunctionTable = Readonly<Record<string, GoFunction>>;

/** What a function throws to say that its arguments will not do; becomes `error calling NAME: message`. */
export class CallError extends Error {}

/** Characters of its arguments that a function reads for one step: the slowest, a digest, takes about as long as a step does. */
const TEXT_PER_STEP = 64;

/** A loop over a function of a long text costs what it reads. @throws TemplateLimitError when fewer steps are left */
function payForText({ budget }: Tools, args: readonly unknown[]): void {
  let length = 0;
  for (const argument of args) {
    if (typeof argument === 'string') length += argument.length;
    else if (Array.isArray(argument)) for (const text of argument) if (typeof text === 'string') length += text.length;
  }
  if (length >= TEXT_PER_STEP) budget.step(Math.floor(length / TEXT_PER_STEP));
}

/**
 * A function for templates. Arguments are checked against `params` as Go checks a call by reflection; the last may be
 * `...kind` for any number.
 */
export function defineFunction<const P extends readonly Param[]>(
  params: P,
  body: (tools: Tools, ...args: Arguments<P>) => GoValue,
  { changesArguments = false } = {},
): GoFunction {
  const last = params.at(-1);
  const kinds = params.map((param) => param.replace('...', '') as ParamKind);
  const call = (tools: unknown, args: readonly unknown[]) => {
    payForText(tools as Tools, args);
    return body(tools as Tools, ...(args as Arguments<P>));
  };
  return new GoFunction(kinds, last?.startsWith('...') ?? false, call, changesArguments);
}
