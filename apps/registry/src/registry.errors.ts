import { ConflictError, ForbiddenError, UnavailableError } from '@flotilla/kernel';

/** The spoke was revoked: it has to enrol again with a new token. */
export class RevokedError extends ForbiddenError {
  override readonly code = 'revoked';
}

/** The join token is unknown, used up or expired. It does not say which: whoever guesses learns nothing. */
export class TokenRefusedError extends ForbiddenError {
  override readonly code = 'token-refused';
}

/** The cluster has an agent already. */
export class ClusterTakenError extends ConflictError {
  override readonly retry = 'never';
}

/** Whether it is safe cannot be known now, so nothing was done. */
export class UndecidedError extends UnavailableError {}
