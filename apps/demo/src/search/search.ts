import type { Trace } from './canary.js';
import { scanBytes } from './scan-bytes.js';

export interface Finding {
  /** A file, a table or an object. */
  place: string;
  forms: readonly string[];
}

/** What was searched for traces, and where they were. */
export class Search {
  readonly #traces: readonly Trace[];
  readonly findings: Finding[] = [];
  bytes = 0;
  /** Compressed pieces that were looked into. */
  pieces = 0;

  constructor(traces: readonly Trace[]) {
    this.#traces = traces;
  }

  /** Bytes that two pieces of one place must share so that no trace falls between them. */
  get overlap(): number {
    return Math.max(...this.#traces.map(({ bytes }) => bytes.length)) - 1;
  }

  look(place: string, content: Buffer | string): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const { found, pieces } = scanBytes(bytes, this.#traces);
    this.bytes += bytes.length;
    this.pieces += pieces;
    if (found.size === 0) return;
    const known = this.findings.findIndex((finding) => finding.place === place);
    const forms = [...new Set([...(this.findings[known]?.forms ?? []), ...found])].sort();
    if (known === -1) this.findings.push({ place, forms });
    else this.findings[known] = { place, forms };
  }
}
