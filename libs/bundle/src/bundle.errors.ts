import { InvalidInputError } from '@flotilla/kernel';

/** Two rendered objects have one identity, so one of them would overwrite the other. */
export class DuplicateObjectError extends InvalidInputError {
  override readonly code = 'duplicate-object';
}

/** Bytes that claim to be a bundle or a blob are not what their digest says. */
export class DigestMismatchError extends InvalidInputError {
  override readonly code = 'digest-mismatch';
}
