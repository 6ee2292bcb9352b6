import type { Budget } from '../execute/budget.js';
import { typeName } from '../values/go-type.js';
import { type GoValue, integerOf } from '../values/go-value.js';
import { formatValue } from './format-value.js';
import { type Directive, formatDirective } from './printf-verb.js';

/** Widths and precisions beyond it are refused, as in Go. */
const MAX_WIDTH = 1_000_000;

/** Go's fmt.Sprintf over template values: flags, width, precision, `*`, argument indexes, and its `%!verb(…)` complaints. */
export function formatPrintf(format: string, args: readonly GoValue[], budget: Budget): string {
  return new Printf(format, args, budget).run();
}

class Printf {
  readonly #format: string;
  readonly #args: readonly GoValue[];
  readonly #budget: Budget;
  #pos = 0;
  #next = 0;
  #reordered = false;
  #badIndex = false;

  constructor(format: string, args: readonly GoValue[], budget: Budget) {
    this.#format = format;
    this.#args = args;
    this.#budget = budget;
  }

  run(): string {
    let text = '';
    for (;;) {
      const percent = this.#format.indexOf('%', this.#pos);
      text += this.#format.slice(this.#pos, percent < 0 ? undefined : percent);
      if (percent < 0) break;
      this.#pos = percent + 1;
      this.#budget.step();
      text += this.#directive();
    }
    this.#budget.text(text.length);
    return text + this.#extra();
  }

  #directive(): string {
    const flags = /[-+# 0]*/y;
    flags.lastIndex = this.#pos;
    const found = flags.exec(this.#format)![0];
    this.#pos += found.length;
    const directive: Directive = {
      minus: found.includes('-'),
      plus: found.includes('+'),
      sharp: found.includes('#'),
      space: found.includes(' '),
      zero: found.includes('0') && !found.includes('-'),
    };
    this.#badIndex = false;
    this.#index();
    let complaint = this.#width(directive);
    complaint += this.#precision(directive);
    this.#index();
    if (this.#pos >= this.#format.length) return `${complaint}%!(NOVERB)`;
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#pos)!);
    this.#pos += verb.length;
    if (verb === '%') return `${complaint}%`;
    if (this.#badIndex) return `${complaint}%!${verb}(BADINDEX)`;
    if (this.#next >= this.#args.length) return `${complaint}%!${verb}(MISSING)`;
    this.#budget.text((directive.width ?? 0) + (directive.precision ?? 0));
    return complaint + formatDirective(verb, directive, this.#args[this.#next++], this.#budget);
  }

  #width(directive: Directive): string {
    const width = this.#star();
    if (width === undefined) {
      directive.width = this.#digits();
      return '';
    }
    if (width === 'bad') return '%!(BADWIDTH)';
    directive.width = Math.abs(width);
    if (width < 0) Object.assign(directive, { minus: true, zero: false });
    return '';
  }

  #precision(directive: Directive): string {
    if (this.#format[this.#pos] !== '.') return '';
    this.#pos++;
    this.#index();
    const precision = this.#star();
    if (precision === undefined) directive.precision = this.#digits() ?? 0;
    else if (precision === 'bad') return '%!(BADPREC)';
    else directive.precision = precision < 0 ? undefined : precision;
    return '';
  }

  #star(): number | 'bad' | undefined {
    if (this.#format[this.#pos] !== '*') return undefined;
    this.#pos++;
    const value = integerOf(this.#args[this.#next++]);
    return value === undefined || value > MAX_WIDTH || value < -MAX_WIDTH ? 'bad' : Number(value);
  }

  #digits(): number | undefined {
    const digits = /\d+/y;
    digits.lastIndex = this.#pos;
    const found = digits.exec(this.#format)?.[0];
    if (found === undefined) return undefined;
    this.#pos += found.length;
    return Math.min(Number(found), MAX_WIDTH);
  }

  /** `[n]` before a width, precision or verb picks the argument. */
  #index(): void {
    if (this.#format[this.#pos] !== '[') return;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#pos);
    const index = close < 0 ? Number.NaN : Number(this.#format.slice(this.#pos + 1, close));
    this.#pos = close < 0 ? this.#pos + 1 : close + 1;
    if (Number.isInteger(index) && index >= 1 && index <= this.#args.length) this.#next = index - 1;
    else this.#badIndex = true;
  }

  #extra(): string {
    if (this.#reordered || this.#next >= this.#args.length) return '';
    const extra = this.#args.slice(this.#next).map((value) => {
      return value === null || value === undefined ? '<nil>' : `${typeName(value)}=${formatValue(value, this.#budget)}`;
    });
    return `%!(EXTRA ${extra.join(', ')})`;
  }
}
