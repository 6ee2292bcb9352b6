import type { Refusal } from '@flotilla/contracts';
import { FlotillaError } from '@flotilla/kernel';

/** A spoke's request is refused with a code its agent acts on. */
export class SpokeRefusedError extends FlotillaError {
  readonly code: Refusal['code'];

  constructor(code: Refusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}
