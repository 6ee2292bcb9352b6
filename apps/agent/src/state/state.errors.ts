import { FlotillaError } from '@flotilla/kernel';

/** Kept bytes fail their checksum: a torn write, a flipped bit, a foreign file. The agent pulls anew what it held there. */
export class StateCorruptError extends FlotillaError {
  readonly code = 'state-corrupt';
}
