import { ForbiddenError, InvalidInputError, UnavailableError } from '@flotilla/kernel';

/** The address a name stands for is one that outbound calls may not reach. */
export class AddressDeniedError extends ForbiddenError {
  override readonly code = 'address-denied';
}

/** The answer is larger than the caller reads. */
export class ResponseTooLargeError extends InvalidInputError {
  override readonly code = 'response-too-large';
}

/** More redirects than allowed, or one that leads to another scheme. */
export class RedirectRefusedError extends ForbiddenError {
  override readonly code = 'redirect-refused';
}

/** No connection, no answer in time, or a broken one. */
export class HttpUnavailableError extends UnavailableError {
  override readonly code = 'http-unavailable';
}
