import { FlotillaError, type Retry } from '@flotilla/kernel';

/** A generator cannot be read or its inputs contradict each other: nothing may be concluded about the set's applications. */
export class GeneratorError extends FlotillaError {
  readonly code: string = 'generator-invalid';

  /** @param path which generator, `generators[1].matrix.generators[0].git`; the message starts with it. */
  constructor(path: string, cause: string, details: Record<string, unknown> = {}) {
    super(`${path}: ${cause}`, { generator: path, ...details });
  }
}

/** The entry names no generator at all, mostly a typo; Argo CD would read it as "no applications". */
export class UnknownGeneratorError extends GeneratorError {
  override readonly code = 'generator-unknown';
}

/** The set's project does not permit what a generator reads, or the set may not use the project; nothing changes. */
export class GeneratorForbiddenError extends GeneratorError {
  override readonly code = 'generator-forbidden';
}

/** An input (repository, inventory) could not be read; the set stays as it is. */
export class GeneratorInputError extends GeneratorError {
  override readonly code = 'generator-input';
  override readonly retry: Retry = 'later';
}
