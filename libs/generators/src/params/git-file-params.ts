import { isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import type { GeneratorContext, RepositoryFile } from '../generator/generator.js';
import { GeneratorError } from '../generator/generators.errors.js';
import { flattenParams, goText } from './flatten-params.js';
import { filePathParams, filePathTree } from './git-path-params.js';

/** What one file, or one text of parameters, may hold: read in well under a second, and far above what people write. */
export const PARAMETER_LIMITS = { maxLength: 4 * 1024 * 1024, maxNodes: 500_000 };

/**
 * The parameter sets of one file: an object is one, a list of objects is one each, an empty file is one with the path alone.
 * @throws GeneratorError naming the file
 */
export function fileParams(file: RepositoryFile, prefix: string | undefined, context: GeneratorContext): Record<string, unknown>[] {
  const generator = context.path;
  const content = readContent(file, generator);
  const elements = Array.isArray(content) ? content : [content ?? {}];
  return elements.map((element, i) => {
    const where = Array.isArray(content) ? `element ${i}` : 'content';
    if (!isObject(element)) {
      throw new GeneratorError(generator, `${file.path}: its ${where} is neither a map nor a list of maps`, { file: file.path });
    }
    if (context.mode.isGo) return { ...element, ...filePathTree(file.path, prefix) };
    try {
      return { ...flattenParams(element, goText), ...filePathParams(file.path, prefix) };
    } catch (error) {
      throw new GeneratorError(generator, `${file.path}: ${messageOf(error)}`, { file: file.path });
    }
  });
}

function readContent(file: RepositoryFile, generator: string): unknown {
  try {
    return parseYamlDocument(file.text, { file: file.path, ...PARAMETER_LIMITS });
  } catch (error) {
    const details = { file: file.path, line: (error as { details?: { line?: number } }).details?.line };
    throw new GeneratorError(generator, messageOf(error), details);
  }
}
