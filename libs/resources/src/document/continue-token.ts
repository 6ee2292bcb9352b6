import { InvalidInputError, isObject } from '@flotilla/kernel';

/** Where the next page of a list begins, and the rv the whole list is consistent with. */
export interface ContinueToken {
  rv: number;
  namespace: string;
  name: string;
}

export function writeContinue({ rv, namespace, name }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ rv, namespace, name })).toString('base64url');
}

/** @throws InvalidInputError for a token that this store did not write */
export function readContinue(token: string): ContinueToken {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (isObject(value)) {
      const { rv, namespace, name } = value;
      if (Number.isSafeInteger(rv) && typeof namespace === 'string' && typeof name === 'string')
        return { rv: rv as number, namespace, name };
    }
  } catch {
    // Not JSON: answered below like any other foreign token.
  }
  throw new InvalidInputError('the continue token was not issued by this list; start the list again without it');
}

/** @throws InvalidInputError for anything but a decimal number */
export function readResourceVersion(text: string): number {
  const rv = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(rv)) {
    throw new InvalidInputError(`resourceVersion ${JSON.stringify(text)} is not a number that this store issued`);
  }
  return rv;
}
