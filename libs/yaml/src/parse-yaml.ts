import { InvalidInputError } from '@flotilla/kernel';
import { parseEvents, YAMLException } from 'js-yaml';
import { type Composed, composeDocuments, PositionedError } from './compose-documents.js';
import { DEFAULT_YAML_LIMITS, type YamlOptions } from './yaml-options.js';

export interface YamlDocument {
  /** A JSON value: no prototypes but Object's, nothing shared, finite numbers only. Null for an empty document. */
  value: unknown;
  /** 1-based line of the first content. */
  line: number;
}

/**
 * Every document of a YAML (or JSON) stream with the line it starts at; none for a stream without content.
 *
 * @throws InvalidInputError with `details` {file?, line, column, reason}; the text of the input is never repeated.
 */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): YamlDocument[] {
  const limits = { ...DEFAULT_YAML_LIMITS, ...options };
  if (text.length > limits.maxLength) {
    throw invalid(options.file, 1, 1, `the text has ${text.length} characters; at most ${limits.maxLength} are read`);
  }
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lineOf = lineCounter(source);
  return compose(source, limits, options.file).map(({ value, position }) => ({ value, line: lineOf(position) }));
}

/** The values of every document; empty ones are null. */
export function parseYaml(text: string, options: YamlOptions = {}): unknown[] {
  return parseYamlDocuments(text, options).map(({ value }) => value);
}

/** The first document, as Go's Unmarshal reads a stream: others are parsed for errors and left out. Null when empty. */
export function parseYamlDocument(text: string, options: YamlOptions = {}): unknown {
  return parseYaml(text, options)[0] ?? null;
}

function compose(source: string, limits: typeof DEFAULT_YAML_LIMITS, file: string | undefined): Composed[] {
  try {
    return composeDocuments(parseEvents(source, { maxDepth: limits.maxDepth }), source, limits);
  } catch (error) {
    if (error instanceof YAMLException) {
      // Its message quotes the source, which may be a secret; the reason alone does not.
      throw invalid(file, (error.mark?.line ?? 0) + 1, (error.mark?.column ?? 0) + 1, error.reason);
    }
    if (error instanceof PositionedError) {
      const before = source.slice(0, error.position);
      throw invalid(file, before.split('\n').length, error.position - before.lastIndexOf('\n'), error.message);
    }
    throw error;
  }
}

/** Positions come in rising order, so each newline is passed once. */
function lineCounter(source: string): (position: number) => number {
  let line = 1;
  let seen = 0;
  return (position) => {
    for (; seen < position; seen++) if (source.charCodeAt(seen) === 10) line++;
    return line;
  };
}

function invalid(file: string | undefined, line: number, column: number, reason: string): InvalidInputError {
  return new InvalidInputError(`${file ?? 'YAML'}:${line}:${column}: ${reason}`, { file, line, column, reason });
}
