import { FlotillaError } from '@flotilla/kernel';

/** A jq expression that is not understood, with the place and what to write instead. */
export class PathExpressionError extends FlotillaError {
  readonly code = 'bad-path-expression';
}
