import { InvalidInputError, UnavailableError } from '@flotilla/kernel';

/** A path of a source leaves the repository, does not exist, or is of the wrong kind. */
export class SourcePathError extends InvalidInputError {
  override readonly code = 'bad-path';
}

/** The source asks for something this hub does not render: a chart repository, a plugin, Jsonnet, a remote base. */
export class UnsupportedSourceError extends InvalidInputError {
  override readonly code = 'source-not-supported';
}

/** The options of a source contradict each other or the files they apply to. */
export class SourceOptionError extends InvalidInputError {
  override readonly code = 'bad-source-option';
}

/** The tool refused the input; the message holds what it said. */
export class RenderFailedError extends InvalidInputError {
  override readonly code = 'render-failed';
}

/** A bound of the render was met: time, output, files or objects. */
export class RenderLimitError extends InvalidInputError {
  override readonly code = 'render-limit';
}

/** The source renders to no object at all, which is never taken for "remove everything". */
export class EmptySourceError extends InvalidInputError {
  override readonly code = 'empty-source';
}

/** The hub has no such tool; the operator must install it or say where it is. */
export class ToolMissingError extends UnavailableError {
  override readonly code = 'tool-missing';
}
