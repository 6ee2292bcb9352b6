import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml';
import { parseYamlDocuments } from './parse-yaml.js';
import { DEFAULT_YAML_LIMITS, type YamlOptions } from './yaml-options.js';

/** Where the members of one document stand: 1-based lines by dotted path, list items by index (`spec.generators.0.list`). */
export class YamlLines {
  readonly #lines: ReadonlyMap<string, number>;

  constructor(lines: ReadonlyMap<string, number>) {
    this.#lines = lines;
  }

  /** The line of the key or list item; undefined where the text does not write it, as below an alias. */
  lineOf(path: string): number | undefined {
    return this.#lines.get(path);
  }

  /** The line of the longest part of the path that the text writes. */
  nearestLineOf(path: string): number | undefined {
    for (let part = path; part !== ''; part = part.slice(0, Math.max(part.lastIndexOf('.'), 0))) {
      const line = this.#lines.get(part);
      if (line !== undefined) return line;
    }
    return this.#lines.get('');
  }
}

/**
 * The lines of every document of a stream, in the order of `parseYamlDocuments`.
 * @throws InvalidInputError for a text that cannot be read
 */
export function readYamlLines(text: string, options: YamlOptions = {}): YamlLines[] {
  parseYamlDocuments(text, options);
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return new LineReader(source).run(parseEvents(source, { maxDepth: options.maxDepth ?? DEFAULT_YAML_LIMITS.maxDepth }));
}

interface Frame {
  path: string;
  isRoot: boolean;
  /** Of a mapping, the key whose value comes next. */
  key?: string;
  /** Of a sequence, the index of the next item. */
  index?: number;
}

class LineReader {
  readonly #source: string;
  readonly #documents: YamlLines[] = [];
  readonly #frames: (Frame | 'document')[] = [];
  #lines = new Map<string, number>();
  #line = 1;
  #seen = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(events: readonly Event[]): YamlLines[] {
    for (const event of events) this.#take(event);
    return this.#documents;
  }

  #take(event: Event): void {
    if (event.type === EVENT_ID.DOCUMENT) {
      this.#lines = new Map();
      this.#frames.push('document');
    } else if (event.type === EVENT_ID.POP) {
      if (this.#frames.pop() === 'document') this.#documents.push(new YamlLines(this.#lines));
    } else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      const path = this.#place(event.start);
      this.#frames.push({ path, isRoot: this.#frames.at(-1) === 'document', ...(event.type === EVENT_ID.SEQUENCE ? { index: 0 } : {}) });
    } else if (event.type === EVENT_ID.SCALAR) {
      const frame = this.#frames.at(-1);
      if (frame !== 'document' && frame?.index === undefined && frame?.key === undefined) {
        this.#open(frame!, getScalarValue(this.#source, event), event.valueStart);
      } else this.#place(event.valueStart);
    } else if (event.type === EVENT_ID.ALIAS) this.#place(event.anchorStart);
  }

  /** A key was read; its line is that of its member. The last of equal keys counts, as when the value is read. */
  #open(frame: Frame, key: string, position: number): void {
    frame.key = key;
    this.#lines.set(join(frame, key), this.#lineAt(position));
  }

  /** The path of the value that begins here. */
  #place(position: number): string {
    const frame = this.#frames.at(-1);
    if (frame === 'document' || frame === undefined) {
      this.#lines.set('', this.#lineAt(position));
      return '';
    }
    if (frame.index === undefined) {
      const path = join(frame, frame.key ?? '');
      frame.key = undefined;
      return path;
    }
    const path = join(frame, String(frame.index++));
    this.#lines.set(path, this.#lineAt(position));
    return path;
  }

  /** Positions come in rising order, so each newline is passed once. */
  #lineAt(position: number): number {
    for (; this.#seen < position; this.#seen++) if (this.#source.charCodeAt(this.#seen) === 10) this.#line++;
    return this.#line;
  }
}

const join = ({ path, isRoot }: Frame, key: string): string => (isRoot ? key : `${path}.${key}`);
