import type { CaProvider } from '@flotilla/contracts';
import type { HttpClient } from '@flotilla/http';
import type { Clock } from '@flotilla/kernel';
import type { z } from 'zod';

/** A key of a provider; `property` is for providers that ask for a part themselves, others leave it to their caller. */
export interface RemoteKey {
  key: string;
  version?: string;
  property?: string;
}

/** What a provider holds under a key: at most MAX_DOCUMENT_BYTES. Whoever gets it may overwrite the bytes. */
export interface SecretDocument {
  bytes: Uint8Array;
  /** How a property is looked up; JSON without it. */
  format?: 'yaml';
  /** The provider looked the property up itself. */
  isSelected?: boolean;
}

export const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** An opened store. */
export interface SecretReader {
  /** Its answers depend on the property too; others are read once for all properties of a key. */
  asksForProperty?: boolean;
  /** @throws SecretFault */
  read(key: RemoteKey, signal: AbortSignal): Promise<SecretDocument>;
  /** Whether the store can be used as it is: reachable, credentials accepted. @throws SecretFault */
  check(signal: AbortSignal): Promise<void>;
}

/** A reference to a key of a Secret on the hub. */
export interface SecretRef {
  name: string;
  key?: string;
  namespace?: string;
}

/** What a provider gets besides its part of the store. */
export interface ProviderTools {
  /** For messages: `SecretStore shop/vault`. */
  store: string;
  /** Namespace of a SecretStore; absent for a ClusterSecretStore. */
  namespace: string | undefined;
  clock: Clock;
  /** The one way out over HTTP; `ca` is PEM text to trust instead of the system's. */
  http(ca?: string): HttpClient;
  /** The value a reference stands for. @throws SecretFault */
  secret(ref: SecretRef, field: string): Promise<string>;
  /** All values of a Secret. @throws SecretFault */
  secrets(ref: SecretRef, field: string): Promise<Record<string, string>>;
  /** The text a store's `caProvider` names, and how to name that object and key in messages. @throws SecretFault */
  ca(of: CaProvider, field: string): Promise<{ text: string; place: string }>;
  /** The directory the `file` provider reads below. */
  directory: string | undefined;
}

/**
 * A kind of store: the key below `spec.provider`, what may stand there, and how it is read. Adding one is a file beside
 * this one, and a row of the registry.
 */
export interface SecretProvider<S = unknown> {
  name: string;
  schema: z.ZodType<S>;
  /** Reads nothing yet. @throws SecretFault for a spec that cannot work */
  open(spec: S, tools: ProviderTools): SecretReader;
}
