import type { Digest } from '@flotilla/kernel';
import type { Origin, ParamSet } from '../params/params.js';
import type { GeneratedApplication, HeldApplication } from './expansion.js';

/** Writes the same document again whenever somebody needs it. */
export interface ApplicationWriter {
  /** Canonical JSON. */
  write(set: ParamSet): string;
}

/** A document that can be written, kept as its parameters and template. */
export class RenderedApplication implements GeneratedApplication {
  readonly name: string;
  readonly digest: Digest;
  readonly set: ParamSet;
  readonly #writer: ApplicationWriter;

  constructor(name: string, digest: Digest, set: ParamSet, writer: ApplicationWriter) {
    this.name = name;
    this.digest = digest;
    this.set = set;
    this.#writer = writer;
  }

  get origins(): readonly Origin[] {
    return this.set.origins;
  }

  text(): string {
    return this.#writer.write(this.set);
  }
}

export class RefusedApplication implements HeldApplication {
  readonly name: string;
  readonly set: ParamSet;
  readonly reason: HeldApplication['reason'];
  readonly message: string;
  readonly field: string | undefined;

  constructor(name: string, set: ParamSet, reason: HeldApplication['reason'], message: string, field?: string) {
    this.field = field;
    this.name = name;
    this.set = set;
    this.reason = reason;
    this.message = message;
  }

  get origins(): readonly Origin[] {
    return this.set.origins;
  }
}

export type Rendered = RenderedApplication | RefusedApplication;
