import { InvalidInputError, isObject, messageOf } from '@flotilla/kernel';
import jsonpatch, { type Operation } from 'fast-json-patch';
import { assertSafeDocument } from './patch-input.js';

/** As in the real server (`maxJSONPatchOperations`): a longer patch is refused before it is tried. */
const MAX_OPERATIONS = 10_000;

/**
 * Applies a JSON Patch (RFC 6902) and gives the result; the document is not changed. Throws InvalidInputError for a malformed patch, a
 * path that does not exist, a failed `test`, more than 10,000 operations, and paths or values with `__proto__`.
 */
export function applyJsonPatch<T>(document: T, patch: unknown): T {
  if (!Array.isArray(patch)) throw new InvalidInputError('a JSON patch is a list of operations', { patch: typeof patch });
  if (patch.length > MAX_OPERATIONS) {
    throw new InvalidInputError(`the JSON patch has ${patch.length} operations; the allowed maximum is ${MAX_OPERATIONS}`, {
      operations: patch.length,
    });
  }
  assertSafeDocument(patch, 'the JSON patch');
  let result: unknown = structuredClone(document);
  for (const [i, operation] of patch.entries()) {
    assertSafePaths(operation, i);
    try {
      // One by one, because the library names operation 0 whichever fails.
      result = jsonpatch.applyOperation(result, operation as Operation, true, true, true, i).newDocument;
    } catch (error) {
      const name = isObject(error) && typeof error.name === 'string' ? error.name : 'Error';
      const why = messageOf(error).split('\n')[0];
      throw new InvalidInputError(
        `the JSON patch cannot be applied at operation ${i} (${JSON.stringify(operation)}): ${why}`,
        { name, index: i },
        error,
      );
    }
  }
  return result as T;
}

function assertSafePaths(operation: unknown, index: number): void {
  const { path, from } = isObject(operation) ? operation : {};
  for (const pointer of [path, from]) {
    if (typeof pointer === 'string' && pointer.split('/').includes('__proto__')) {
      throw new InvalidInputError(`operation ${index} of the JSON patch names __proto__ in its path, which is not accepted`, { index });
    }
  }
}
