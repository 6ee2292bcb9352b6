import { FlotillaError } from '@flotilla/kernel';

/** No token, or one that is not ours or has ended. The message never says which. */
export class UnauthenticatedError extends FlotillaError {
  readonly code = 'unauthenticated';
}

/** Too many failed logins of this user or address lately. */
export class TooManyRequestsError extends FlotillaError {
  readonly code = 'too-many-requests';
  override readonly retry = 'later';
}
