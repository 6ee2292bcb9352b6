import type { Digest } from '@flotilla/kernel';
import type { JsonTemplate } from '@flotilla/templating';
import type { Origin, ParamSet } from '../generator/params.js';
import type { GeneratedApplication, HeldApplication } from './expansion.js';
import type { SlotReader } from './slot-values.js';

/** A document that can be written, kept as its parameters and template. */
export class RenderedApplication implements GeneratedApplication {
  readonly name: string;
  readonly digest: Digest;
  readonly set: ParamSet;
  readonly #document: JsonTemplate;
  readonly #reader: SlotReader;

  constructor(name: string, digest: Digest, set: ParamSet, document: JsonTemplate, reader: SlotReader) {
    this.name = name;
    this.digest = digest;
    this.set = set;
    this.#document = document;
    this.#reader = reader;
  }

  get origins(): readonly Origin[] {
    return this.set.origins;
  }

  text(): string {
    return this.#document.render(this.#reader.read(this.set).texts);
  }
}

export class RefusedApplication implements HeldApplication {
  readonly name: string;
  readonly set: ParamSet;
  readonly reason: HeldApplication['reason'];
  readonly message: string;

  constructor(name: string, set: ParamSet, reason: HeldApplication['reason'], message: string) {
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
