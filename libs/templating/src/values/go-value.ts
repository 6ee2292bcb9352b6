/**
 * A value inside a template: `undefined` is Go's invalid value (a missing key), `null` a nil interface, `number` a float64,
 * `bigint` an int. Objects are never plain, so that no key reaches a prototype.
 */
export type GoValue = undefined | null | boolean | string | number | bigint | GoInt | GoList | GoMap | GoStruct | GoFunction;

export type IntKind = 'int8' | 'int16' | 'int32' | 'int64' | 'uint' | 'uint8' | 'uint32' | 'uint64';
/** The static type of a map's or list's elements, in Go's spelling. */
export type ElementType = 'interface {}' | 'string' | 'int' | 'uint8' | '[]interface {}';

/** An integer of another type than int; arithmetic of sprig gives int64. */
export class GoInt {
  readonly kind: IntKind;
  readonly value: bigint;

  constructor(kind: IntKind, value: bigint) {
    this.kind = kind;
    this.value = value;
  }
}

export class GoList {
  readonly items: readonly GoValue[];
  readonly element: ElementType;
  /** A nil slice: as empty as `[]`, but JSON writes null. */
  readonly isNil: boolean;

  constructor(items: readonly GoValue[], element: ElementType = 'interface {}', isNil = false) {
    this.items = items;
    this.element = element;
    this.isNil = isNil;
  }
}

/** A map with text keys. `set` and `unset` change it in place, as in Go. */
export class GoMap {
  readonly entries: Map<string, GoValue>;
  readonly element: 'interface {}' | 'string';

  constructor(entries: Iterable<readonly [string, GoValue]> = [], element: 'interface {}' | 'string' = 'interface {}') {
    this.entries = new Map(entries);
    this.element = element;
  }

  /** Keys in Go's order, that of their UTF-8 bytes. */
  sortedKeys(): string[] {
    return [...this.entries.keys()].sort(compareText);
  }
}

/** A value with methods: a time, a version, a certificate. */
export abstract class GoStruct {
  /** Go's name of the type: `time.Time`, `*semver.Version`. */
  abstract readonly goType: string;
  /** A field or method by its name; undefined when there is none. */
  abstract member(name: string): GoValue;
  /** How it prints. */
  abstract text(): string;
  /** Its JSON form. */
  abstract json(): unknown;
}

/** How a parameter of a template function is read; `value` also takes a missing value, `any` reads it as nil. */
export type ParamKind = 'value' | 'any' | 'string' | 'int' | 'int64' | 'uint32' | 'float64' | 'bool' | 'map' | 'strings' | 'time' | 'list';

/** A function that templates can call; made by `defineFunction`. */
export class GoFunction {
  readonly params: readonly ParamKind[];
  readonly isVariadic: boolean;
  readonly call: (tools: unknown, args: readonly unknown[]) => GoValue;
  /** Whether a map it is given may be another one afterwards. */
  readonly changesArguments: boolean;

  constructor(
    params: readonly ParamKind[],
    isVariadic: boolean,
    call: (tools: unknown, args: readonly unknown[]) => GoValue,
    changesArguments = false,
  ) {
    this.changesArguments = changesArguments;
    this.params = params;
    this.isVariadic = isVariadic;
    this.call = call;
  }
}

/** UTF-8 byte order, which is what Go sorts by; UTF-16 order differs beyond U+FFFF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (/[\ud800-\udfff]/.test(a) || /[\ud800-\udfff]/.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

export const int = (value: number): bigint => BigInt(value);
export const int64 = (value: bigint): GoInt => new GoInt('int64', BigInt.asIntN(64, value));

/** The number behind any integer type; undefined for everything else. */
export function integerOf(value: GoValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return value instanceof GoInt ? value.value : undefined;
}
