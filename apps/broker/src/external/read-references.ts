import type { ExternalSecret, RemoteRef } from '@flotilla/contracts';
import type { SecretDocument } from '../providers/secret.provider.js';
import { propertiesOf, selectProperty } from '../providers/select-property.js';
import { SecretFault } from '../secret-fault.errors.js';

/** How many keys of one ExternalSecret are read at the same time. */
const CONCURRENCY = 8;

/** Reads a key, whoever else reads it too. */
export type ReadKey = (ref: RemoteRef) => Promise<SecretDocument>;

/**
 * The values an ExternalSecret asks for: `dataFrom` in order, then `data`, later ones win, as in ESO.
 *
 * @param store for messages
 * @throws SecretFault of the first reference that fails: half a Secret is none
 */
export async function readReferences(spec: ExternalSecret['spec'], store: string, read: ReadKey): Promise<Record<string, Buffer>> {
  const { data = [], dataFrom = [] } = spec;
  const tasks = [
    ...dataFrom.map(
      ({ extract }) =>
        async (): Promise<[string, Buffer][]> =>
          extract ? extracted(extract, store, read) : [],
    ),
    ...data.map(({ secretKey, remoteRef }) => async (): Promise<[string, Buffer][]> => {
      const what = placeOf(remoteRef, store);
      const value = selectProperty(await read(remoteRef), remoteRef.property, what);
      return [[secretKey, decode(value, remoteRef, what)]];
    }),
  ];
  const parts = await inTurns(tasks, CONCURRENCY);
  return Object.fromEntries(parts.flat());
}

async function extracted(ref: RemoteRef, store: string, read: ReadKey): Promise<[string, Buffer][]> {
  const what = placeOf(ref, store);
  const properties = propertiesOf(await read(ref), ref.property, what);
  return Object.entries(properties).map(([key, value]) => [keyOf(key, ref.conversionStrategy), decode(value, ref, what)]);
}

const placeOf = ({ key, property }: RemoteRef, store: string): string =>
  `${store}, key ${key.slice(0, 200)}${property ? `, property ${property.slice(0, 200)}` : ''}`;

/** Letters no key of a Secret may have (ESO pkg/esutils: ConvertKeys). */
function keyOf(key: string, strategy: RemoteRef['conversionStrategy'] = 'Default'): string {
  return key.replace(/[^-._a-zA-Z0-9]/gu, (letter) =>
    strategy === 'Unicode' ? `_U${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}_` : '_',
  );
}

function decode(value: Buffer, { decodingStrategy = 'None' }: RemoteRef, what: string): Buffer {
  if (decodingStrategy === 'None') return value;
  const text = value.toString('utf8').trim();
  const plain = decodingStrategy === 'Base64URL' ? undefined : strictBase64(text, 'base64');
  const url = decodingStrategy === 'Base64' ? undefined : strictBase64(text, 'base64url');
  const decoded = plain ?? url;
  if (decoded) return decoded;
  if (decodingStrategy === 'Auto') return value;
  throw new SecretFault('ValueInvalid', `${what}: the value is no ${decodingStrategy}`);
}

function strictBase64(text: string, encoding: 'base64' | 'base64url'): Buffer | undefined {
  const bytes = Buffer.from(text, encoding);
  const bare = text.replace(/=+$/, '');
  return bytes.length > 0 && bytes.toString(encoding).replace(/=+$/, '') === bare ? bytes : undefined;
}

/** Results in the order of the tasks; the first failure ends it and nothing more is begun. */
async function inTurns<T>(tasks: readonly (() => Promise<T>)[], width: number): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    while (next < tasks.length && !hasFailed) {
      const i = next++;
      try {
        results[i] = await tasks[i]!();
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, tasks.length) }, worker));
  return results;
}
