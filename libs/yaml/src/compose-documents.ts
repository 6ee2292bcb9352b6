import { isObject } from '@flotilla/kernel';
import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { keyText } from './go-scalar.js';
import { readScalar } from './read-scalar.js';
import type { YamlLimits } from './yaml-options.js';

export interface Composed {
  value: unknown;
  /** Offset of the first character of the document's content. */
  position: number;
}

/** A cause at an offset of the source; the caller turns it into file, line and column. */
export class PositionedError extends Error {
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

interface Anchor {
  value?: unknown;
  complete: boolean;
}

type Frame =
  | { kind: 'document'; value: unknown; position: number }
  | { kind: 'sequence'; value: unknown[]; anchor?: Anchor }
  | { kind: 'mapping'; value: Record<string, unknown>; anchor?: Anchor; key?: string; merge?: boolean };

const NO_RANGE = -1;

/**
 * Builds values from parser events with Go's rules: the last of equal keys wins, a merge overwrites what stands before
 * it, keys become text. Aliases are copied, never shared, and every copied value counts against `maxNodes`.
 */
export function composeDocuments(events: readonly Event[], source: string, limits: YamlLimits): Composed[] {
  return new Composer(source, limits).run(events);
}

class Composer {
  readonly #source: string;
  readonly #limits: YamlLimits;
  readonly #documents: Composed[] = [];
  readonly #frames: Frame[] = [];
  #anchors = new Map<string, Anchor>();
  #nodes = 0;
  #position = 0;

  constructor(source: string, limits: YamlLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  run(events: readonly Event[]): Composed[] {
    for (const event of events) {
      this.#position = positionOf(event) ?? this.#position;
      this.#take(event);
    }
    return this.#documents;
  }

  #take(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        if (this.#documents.length >= this.#limits.maxDocuments) this.#fail(`more than ${this.#limits.maxDocuments} documents`);
        this.#anchors = new Map();
        this.#frames.push({ kind: 'document', value: undefined, position: NO_RANGE });
        return;
      case EVENT_ID.SCALAR:
        this.#scalar(event);
        return;
      case EVENT_ID.SEQUENCE:
        this.#count();
        this.#frames.push({ kind: 'sequence', value: [], anchor: this.#anchor(event) });
        return;
      case EVENT_ID.MAPPING:
        this.#count();
        this.#frames.push({ kind: 'mapping', value: {}, anchor: this.#anchor(event) });
        return;
      case EVENT_ID.ALIAS:
        this.#alias(this.#source.slice(event.anchorStart, event.anchorEnd));
        return;
      case EVENT_ID.POP:
        this.#pop();
    }
  }

  #scalar(event: ScalarEvent): void {
    this.#count();
    const text = getScalarValue(this.#source, event);
    const tag = event.tagStart === NO_RANGE ? '' : this.#source.slice(event.tagStart, event.tagEnd);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const isMerge = text === '<<' && ((plain && tag === '') || tag === '!!merge');
    let value: unknown;
    try {
      value = readScalar(text, plain, tag);
    } catch (error) {
      this.#fail((error as Error).message);
    }
    const anchor = this.#anchor(event);
    if (anchor) Object.assign(anchor, { value, complete: true });
    this.#add(value, isMerge);
  }

  #anchor(event: { anchorStart: number; anchorEnd: number }): Anchor | undefined {
    if (event.anchorStart === NO_RANGE) return undefined;
    const anchor: Anchor = { complete: false };
    this.#anchors.set(this.#source.slice(event.anchorStart, event.anchorEnd), anchor);
    return anchor;
  }

  #alias(name: string): void {
    const anchor = this.#anchors.get(name);
    if (!anchor) this.#fail(`unknown anchor '${name}' referenced`);
    if (!anchor.complete) this.#fail(`the value of anchor '${name}' contains itself`);
    this.#add(this.#copy(anchor.value, this.#frames.length), false);
  }

  #copy(value: unknown, depth: number): unknown {
    this.#count();
    if (typeof value !== 'object' || value === null) return value;
    if (depth > this.#limits.maxDepth) this.#fail(`nested deeper than ${this.#limits.maxDepth} levels by aliases`);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, depth + 1));
    const copy: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      this.#count();
      setMember(copy, key, this.#copy(member, depth + 1));
    }
    return copy;
  }

  #pop(): void {
    const frame = this.#frames.pop()!;
    if (frame.kind === 'document') {
      this.#documents.push({ value: frame.value ?? null, position: Math.max(frame.position, 0) });
      return;
    }
    if (frame.anchor) Object.assign(frame.anchor, { value: frame.value, complete: true });
    this.#add(frame.value, false);
  }

  #add(value: unknown, isMerge: boolean): void {
    const frame = this.#frames[this.#frames.length - 1]!;
    if (frame.kind === 'document') frame.value = value;
    else if (frame.kind === 'sequence') frame.value.push(this.#finite(value));
    else if (frame.key === undefined && !frame.merge) {
      if (isMerge) frame.merge = true;
      else frame.key = keyText(value) ?? this.#fail('a mapping key must be text, a number or a boolean');
    } else if (frame.merge) {
      frame.merge = false;
      this.#merge(frame.value, value);
    } else {
      setMember(frame.value, frame.key!, this.#finite(value));
      frame.key = undefined;
    }
    const root = this.#frames[0]!;
    if (root.kind === 'document' && root.position === NO_RANGE) root.position = this.#position;
  }

  #finite(value: unknown): unknown {
    if (typeof value === 'number' && !Number.isFinite(value)) this.#fail('.inf and .nan have no JSON form');
    return value;
  }

  #merge(target: Record<string, unknown>, value: unknown): void {
    // Earlier entries of a list win, so they are written last.
    for (const source of Array.isArray(value) ? value.toReversed() : [value]) {
      if (!isObject(source)) this.#fail('a merge (<<) needs a mapping or a list of mappings');
      for (const [key, member] of Object.entries(source)) {
        this.#count();
        setMember(target, key, member);
      }
    }
  }

  #count(): void {
    if (++this.#nodes > this.#limits.maxNodes) this.#fail(`more than ${this.#limits.maxNodes} values, aliases expanded`);
  }

  #fail(reason: string): never {
    throw new PositionedError(this.#position, reason);
  }
}

/** `__proto__` becomes an ordinary member and never reaches a prototype. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

function positionOf(event: Event): number | undefined {
  if ('valueStart' in event) return event.valueStart;
  if ('start' in event) return event.start;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return undefined;
}
