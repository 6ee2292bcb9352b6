import type { ResourceDocument } from '@flotilla/contracts';
import type { Digest } from '@flotilla/kernel';
import type { Origin } from '../params/params.js';

/** One Application a set stands for. Only its digest is kept; the document is written again when somebody needs it. */
export interface GeneratedApplication {
  readonly name: string;
  /** sha256 of `text()`. */
  readonly digest: Digest;
  /** Which generators, files, elements or clusters its parameters came from. */
  readonly origins: readonly Origin[];
  /** Canonical JSON of {apiVersion, kind, metadata: {name, namespace, labels?, annotations?, finalizers?}, spec}. */
  text(): string;
}

/** A generated application that must not be written, though its name stays generated: it is never deleted for this. */
export interface HeldApplication {
  readonly name: string;
  readonly reason: 'duplicate-name' | 'invalid-name' | 'unresolved' | 'invalid-value';
  readonly message: string;
  /** The field it is held for, such as `spec.source.path`, where it is one. */
  readonly field?: string | undefined;
  readonly origins: readonly Origin[];
}

/** What a set expands to, sorted by name; equal inputs give equal expansions, byte for byte. */
export interface Expansion {
  readonly applications: readonly GeneratedApplication[];
  readonly held: readonly HeldApplication[];
  readonly warnings: readonly string[];
}

export function documentOf(application: GeneratedApplication): ResourceDocument {
  return JSON.parse(application.text()) as ResourceDocument;
}
