import type { BlobStore } from '@flotilla/blobs';
import { type ExternalSecret, MIN_REFRESH_MS, type SealedSecret, type SecretGrant } from '@flotilla/contracts';
import { digestJson, parseDuration } from '@flotilla/kernel';
import { readReferences } from '../external/read-references.js';
import { renderExternalSecret } from '../external/render-external-secret.js';
import { openSealedSecret } from '../sealed/open-sealed-secret.js';
import type { SealingKeys } from '../sealed/sealing-keys.js';
import { SecretFault } from '../secret-fault.errors.js';
import { judgeStore } from '../stores/judge-store.js';
import type { KeyReads } from '../stores/key-reads.js';
import type { OpenStores } from '../stores/open-stores.js';
import { credentialsOf } from '../stores/store-credentials.js';
import type { RefreshRule } from './decide-refresh.js';
import { loadSource } from './load-source.js';
import type { SecretParts } from './secret-object.js';

const DEFAULT_INTERVAL = '1h';

/** How a grant's value is made, decided from the hub's own documents; no provider was asked yet. */
export interface ReadPlan {
  /** Digest of all the value is made from: a new one means a new read. */
  input: string;
  rule: RefreshRule;
  /** Grants of the same phase are refreshed together. */
  phase: number;
  /** `SecretStore/name`; absent for a SealedSecret. */
  store?: string;
  warnings: readonly string[];
  /** @throws SecretFault */
  read(notBefore: number, signal: AbortSignal): Promise<SecretParts>;
}

export interface PlanParts {
  blobs: BlobStore;
  stores: OpenStores;
  reads: KeyReads;
  keys: SealingKeys;
}

/** Told what the plan depends on, found or not: a change of it is a reason to plan again. */
export type Uses = (dependency: string) => void;
export const SEALING_KEYS = 'sealing keys';
export const dependencyOn = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;

/** @throws SecretFault for what only a change on the hub or in Git heals */
export async function planRead(grant: SecretGrant, parts: PlanParts, uses: Uses): Promise<ReadPlan> {
  const { document, warnings } = await loadSource(grant.spec, parts.blobs);
  const basis = { source: grant.spec.from.digest, target: grant.spec.target, rotateAt: grant.spec.rotateAt ?? '' };
  return document.kind === 'SealedSecret'
    ? planSealed(document, grant, { basis, warnings, uses }, parts)
    : planExternal(document, grant, { basis, warnings, uses }, parts);
}

interface Basis {
  basis: object;
  warnings: readonly string[];
  uses: Uses;
}

async function planSealed(
  sealed: SealedSecret,
  { spec }: SecretGrant,
  { basis, warnings, uses }: Basis,
  { keys }: PlanParts,
): Promise<ReadPlan> {
  uses(SEALING_KEYS);
  const known = await keys.all();
  return {
    // A key that comes or goes may open what did not open before.
    input: digestJson({ ...basis, keys: known.map(({ id }) => id) }),
    rule: { intervalMs: 0, once: false },
    phase: 0,
    warnings,
    read: async () => openSealedSecret(sealed, spec.target, known),
  };
}

async function planExternal(
  external: ExternalSecret,
  { metadata, spec: { project, target } }: SecretGrant,
  { basis, warnings, uses }: Basis,
  { stores, reads }: PlanParts,
): Promise<ReadPlan> {
  const { spec } = external;
  const ref = spec.secretStoreRef!;
  const kind = ref.kind ?? 'SecretStore';
  const namespace = kind === 'SecretStore' ? (metadata.namespace ?? '') : '';
  uses(dependencyOn(kind, namespace, ref.name));
  const store = await stores.find(kind, namespace, ref.name);
  for (const place of credentialsOf(store)) uses(dependencyOn(place.kind, place.namespace, place.name));
  const refusal = judgeStore(store, { project, namespace: target.namespace });
  if (refusal) throw new SecretFault('StoreForbidden', refusal);
  const opened = await stores.open(store);
  const policy = spec.refreshPolicy ?? 'Periodic';
  const everything = { ...basis, store: opened.fingerprint };
  const { rotateAt } = basis as { rotateAt: string };
  return {
    input: digestJson(policy === 'CreatedOnce' ? { rotateAt } : policy === 'OnChange' ? basis : everything),
    rule: { intervalMs: policy === 'Periodic' ? intervalOf(spec.refreshInterval) : 0, once: policy === 'CreatedOnce' },
    phase: phaseOf(store.metadata.uid ?? '', spec),
    store: opened.name,
    warnings,
    read: async (notBefore, signal) => {
      const values = await readReferences(spec, opened.name, ({ key, version, property }) =>
        reads.read(opened, { key, ...(version ? { version } : {}), ...(property ? { property } : {}) }, notBefore, signal),
      );
      return renderExternalSecret(external, values);
    },
  };
}

function intervalOf(text: string | number = DEFAULT_INTERVAL): number {
  const ms = parseDuration(text);
  return ms === 0 ? 0 : Math.max(ms, MIN_REFRESH_MS);
}

function phaseOf(store: string, { data = [], dataFrom = [] }: ExternalSecret['spec']): number {
  const first = data[0]?.remoteRef.key ?? dataFrom[0]?.extract?.key ?? '';
  return Number.parseInt(digestJson({ store, first }).slice(0, 8), 16);
}
