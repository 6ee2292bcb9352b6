import { ForbiddenError, InvalidInputError, NotFoundError, UnavailableError } from '@flotilla/kernel';

/** The address of a repository cannot be used: scheme, password inside, unreadable. */
export class RepositoryAddressError extends InvalidInputError {
  override readonly code = 'bad-repository-url';
}

/** The server knows no such repository, or hides it from this credential. */
export class RepositoryMissingError extends NotFoundError {
  override readonly code = 'repository-not-found';
}

/** The server asks for a login, or refuses the one it was given. */
export class RepositoryLoginError extends ForbiddenError {
  override readonly code = 'bad-credentials';
}

/** The only credential of the repository belongs to another project. */
export class RepositoryProjectError extends ForbiddenError {
  override readonly code = 'repository-not-permitted';
}

/** The server's host key or certificate is not one that is trusted. */
export class RepositoryTrustError extends ForbiddenError {
  override readonly code = 'server-not-trusted';
}

/** The server leads to another address. */
export class RepositoryRedirectError extends ForbiddenError {
  override readonly code = 'redirect-refused';
}

/** No branch, tag or commit of that name. */
export class RefMissingError extends NotFoundError {
  override readonly code = 'bad-ref';
}

/** The repository is larger than the hub takes in. */
export class RepositoryTooLargeError extends InvalidInputError {
  override readonly code = 'repository-too-large';
}

/** No answer, a broken one, or too slow; the last known commit stays. */
export class GitUnavailableError extends UnavailableError {
  override readonly code = 'git-unavailable';
}
