/** The case rules of huandu/xstrings 1.5, which sprig's snakecase, kebabcase and camelcase use. */

type WordKind = 'none' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punctuation' | 'other';
interface Word {
  kind: WordKind;
  chars: string[];
}

const isConnector = (char: string | undefined): boolean => char !== undefined && /[-_\p{White_Space}]/u.test(char);
const isUpper = (char: string | undefined): boolean => char !== undefined && /\p{Lu}/u.test(char);
const isPunctuation = (char: string | undefined): boolean => char !== undefined && /\p{P}/u.test(char);
const isNumber = (char: string | undefined): boolean => char !== undefined && /\p{N}/u.test(char);
/** A letter of a script with cases or alphabets; the common ideographs are none. */
const isAlphabet = (char: string | undefined): boolean => char !== undefined && /(?![\u4e00-\u9fcc\u3400-\u4db5])\p{L}/u.test(char);

/** A text cut into words, their characters one by one. */
class Words {
  readonly #chars: string[];
  #at = 0;

  constructor(text: string) {
    this.#chars = [...text];
  }

  get hasMore(): boolean {
    return this.#at < this.#chars.length;
  }

  next(): Word {
    const first = this.#chars[this.#at];
    if (first === undefined) return { kind: 'none', chars: [] };
    if (isConnector(first)) return this.#run('connector', isConnector);
    if (isPunctuation(first)) return this.#run('punctuation', isPunctuation);
    if (isUpper(first)) return this.#upper();
    if (isAlphabet(first)) return this.#run('alphabet', (char) => isAlphabet(char) && !isUpper(char));
    if (isNumber(first)) return this.#run('number', isNumber);
    return this.#run('other', (char) => !isConnector(char) && !isAlphabet(char) && !isNumber(char) && !isPunctuation(char));
  }

  #run(kind: WordKind, belongs: (char: string | undefined) => boolean, start = this.#at): Word {
    let end = Math.max(this.#at + 1, start + 1);
    while (end < this.#chars.length && belongs(this.#chars[end])) end++;
    this.#at = end;
    return { kind, chars: this.#chars.slice(start, end) };
  }

  /** `HTTPServer` is HTTP and Server: the last capital starts the next word. */
  #upper(): Word {
    const start = this.#at;
    if (!isUpper(this.#chars[start + 1])) return this.#run('upper', (char) => isAlphabet(char) && !isUpper(char));
    const word = this.#run('upper', isUpper);
    if (!isAlphabet(this.#chars[this.#at])) return word;
    this.#at--;
    return { kind: 'upper', chars: word.chars.slice(0, -1) };
  }
}

/** `HTTPServer2xx` as `http_server_2xx`, with the connector given. */
export function connectedCase(text: string, connector: string): string {
  const words = new Words(text);
  let out = '';
  const write = ({ kind, chars }: Word): void => {
    const changes = kind === 'upper' || kind === 'connector';
    out += changes ? chars.map((char) => (isConnector(char) ? connector : char.toLowerCase())).join('') : chars.join('');
  };
  const joins = (kind: WordKind): boolean => kind !== 'none' && kind !== 'connector' && kind !== 'punctuation';
  const takeTail = (word: Word): Word => {
    let next = word;
    while (next.kind === 'alphabet' || next.kind === 'number') {
      write(next);
      next = words.next();
    }
    if (joins(next.kind)) out += connector;
    return next;
  };
  let word = words.next();
  while (words.hasMore) {
    if (word.kind !== 'connector') write(word);
    const previous = word;
    word = words.next();
    if (previous.kind === 'number') word = takeTail(word);
    else if (previous.kind === 'connector') write(previous);
    else if (previous.kind !== 'punctuation' && word.kind !== 'number') {
      if (word.kind !== 'connector' && word.kind !== 'punctuation') out += connector;
    } else if (previous.kind !== 'punctuation' && words.hasMore) {
      const number = word;
      word = words.next();
      if (word.kind === 'alphabet') {
        // Small letters after a number: the number starts the next word.
        out += connector;
        write(number);
        word = takeTail(word);
      } else {
        write(number);
        if (word.kind !== 'connector' && word.kind !== 'punctuation') out += connector;
      }
    }
  }
  write(word);
  return out;
}

/** `http_server` as `HttpServer`; connectors at the start stay. */
export function camelCase(text: string): string {
  const chars = [...text];
  const start = chars.findIndex((char) => !isConnector(char));
  // The library writes the last of nothing but connectors twice.
  if (start < 0) return text + (chars.at(-1) ?? '');
  let out = chars.slice(0, start).join('');
  let current = chars[start]!;
  let followsUpper = isUpper(current);
  current = current.toUpperCase();
  for (const next of chars.slice(start + 1)) {
    const previous = current;
    current = next;
    if (isConnector(current) && isConnector(previous)) out += previous;
    else if (isConnector(previous)) {
      followsUpper = isUpper(current);
      current = current.toUpperCase();
    } else {
      if (followsUpper && isUpper(current)) current = current.toLowerCase();
      else if (followsUpper) followsUpper = false;
      out += previous;
    }
  }
  return out + current;
}
