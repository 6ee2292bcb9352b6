import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { SecretFault } from '../secret-fault.errors.js';
import { MAX_DOCUMENT_BYTES, type ProviderTools, type RemoteKey, type SecretDocument, type SecretProvider } from './secret.provider.js';

const schema = z.object({
  /** Below the broker's directory; a SecretStore's is below a directory of its namespace's name. */
  directory: z.string().optional(),
});

const MAX_KEY = 500;

/**
 * Files of a directory that the broker is configured with: `spec.provider.file`. A key is a path; JSON and YAML files have
 * properties, any other file is one value. What lies behind a link is read only when it lies below the same directory.
 */
export const fileProvider: SecretProvider<z.infer<typeof schema>> = {
  name: 'file',
  schema,
  open: ({ directory: below = '' }, { store, namespace, directory }) => {
    const root = rootOf(below, { store, namespace, directory });
    return {
      read: async (key) => readDocument(root, key, `${store}, key ${key.key}`),
      check: async () => {
        const found = await stat(root).catch(() => undefined);
        if (!found?.isDirectory()) throw new SecretFault('StoreInvalid', `${store}: ${describe(below, namespace)} is no directory`);
      },
    };
  },
};

function rootOf(below: string, { store, namespace, directory }: Pick<ProviderTools, 'store' | 'namespace' | 'directory'>): string {
  if (directory === undefined)
    throw new SecretFault('StoreInvalid', `${store}: the broker has no directory for provider file; set FLOTILLA_BROKER_SECRETS_DIR`);
  const parts = below === '' ? [] : below.split('/');
  if (!parts.every(isPlainName)) throw new SecretFault('StoreInvalid', `${store}: spec.provider.file.directory leads out of its directory`);
  return join(directory, ...(namespace === undefined ? [] : [namespace]), ...parts);
}

const describe = (below: string, namespace: string | undefined): string =>
  `${[...(namespace === undefined ? [] : [namespace]), below].filter(Boolean).join('/') || 'the directory'} below the broker's directory`;

function isPlainName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !part.includes('\0') && !part.includes('\\');
}

async function readDocument(root: string, { key, version }: RemoteKey, what: string): Promise<SecretDocument> {
  if (version !== undefined) throw new SecretFault('SourceInvalid', `${what}: files have no versions; leave remoteRef.version out`);
  const parts = key.split('/');
  if (key.length > MAX_KEY || !parts.every(isPlainName)) {
    throw new SecretFault('SourceInvalid', `${what.slice(0, 200)}: the key is no path below the store's directory`);
  }
  const bytes = await readBelow(root, join(root, ...parts), what);
  return { bytes, ...(/\.ya?ml$/i.test(key) ? { format: 'yaml' as const } : {}) };
}

async function readBelow(root: string, path: string, what: string): Promise<Uint8Array> {
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(path)]);
    if (!real.startsWith(`${realRoot}${sep}`))
      throw new SecretFault('SourceInvalid', `${what}: the file is a link out of the store's directory`);
    // The path holds no link any more; one that is put there meanwhile is not followed.
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await statFile(file, what);
      if (size > MAX_DOCUMENT_BYTES) throw new SecretFault('ValueInvalid', `${what}: the file has more than ${MAX_DOCUMENT_BYTES} bytes`);
      const bytes = new Uint8Array(size);
      const { bytesRead } = await file.read(bytes, 0, size, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof SecretFault ? error : readFault(error, what);
  }
}

async function statFile(file: Awaited<ReturnType<typeof open>>, what: string): Promise<{ size: number }> {
  const found = await file.stat();
  if (!found.isFile()) throw new SecretFault('KeyNotFound', `${what}: there is no such file`);
  return found;
}

function readFault(error: unknown, what: string): SecretFault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(code))
    return new SecretFault('KeyNotFound', `${what}: there is no such file`);
  if (['EACCES', 'EPERM', 'ELOOP'].includes(code)) return new SecretFault('ProviderRefused', `${what}: the file may not be read (${code})`);
  return new SecretFault('ProviderFailed', `${what}: the file cannot be read (${code})`);
}
