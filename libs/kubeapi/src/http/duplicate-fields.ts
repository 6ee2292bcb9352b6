/**
 * Paths of object members that a JSON text holds twice, in the notation of Kubernetes' strict decoding
 * (`spec.containers[0].image`). JSON.parse keeps the last one silently. The text must already be valid JSON.
 */
export function findDuplicateFields(json: string): string[] {
  return new Scanner(json).run();
}

interface Frame {
  keys?: Set<string>;
  path: string;
  index: number;
}

class Scanner {
  readonly #text: string;
  readonly #found = new Set<string>();
  readonly #frames: Frame[] = [];
  #at = 0;
  #key: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  run(): string[] {
    for (; this.#at < this.#text.length; this.#at += 1) this.#step(this.#text[this.#at]!);
    return [...this.#found];
  }

  #step(char: string): void {
    const frame = this.#frames.at(-1);
    if (char === '{' || char === '[') this.#open(char, frame);
    else if (char === '}' || char === ']') this.#frames.pop();
    else if (char === ',' && frame) this.#next(frame);
    else if (char === '"') this.#string(frame);
  }

  #open(char: string, parent: Frame | undefined): void {
    const path = parent ? childPath(parent, this.#key) : '';
    this.#frames.push(char === '{' ? { keys: new Set(), path, index: 0 } : { path, index: 0 });
    this.#key = undefined;
  }

  #next(frame: Frame): void {
    frame.index += 1;
    this.#key = undefined;
  }

  #string(frame: Frame | undefined): void {
    const start = this.#at;
    for (this.#at += 1; this.#text[this.#at] !== '"' && this.#at < this.#text.length; this.#at += 1) {
      if (this.#text[this.#at] === '\\') this.#at += 1;
    }
    if (!frame?.keys || this.#key !== undefined) return;
    const key = JSON.parse(this.#text.slice(start, this.#at + 1)) as string;
    if (frame.keys.has(key)) this.#found.add(childPath(frame, key));
    frame.keys.add(key);
    this.#key = key;
  }
}

function childPath(frame: Frame, key: string | undefined): string {
  if (!frame.keys) return `${frame.path}[${frame.index}]`;
  return frame.path === '' ? (key ?? '') : `${frame.path}.${key ?? ''}`;
}
