import { notAcceptable } from './kube-api.errors.js';

/** How the client wants an object or list: as it is, as a Table, or its metadata only. */
export interface Representation {
  as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Group version of the envelope: `meta.k8s.io/v1` or `v1beta1`. */
  apiVersion: string;
}

interface MediaType {
  type: string;
  parameters: Record<string, string>;
}

const PLAIN: Representation = { as: 'object', apiVersion: 'meta.k8s.io/v1' };
const ENVELOPES = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const;
const MAX_ACCEPT_LENGTH = 4096;

/** Reads an Accept header into its media types, in the client's order. */
export function parseAccept(accept: string | undefined): MediaType[] {
  return (accept ?? '')
    .slice(0, MAX_ACCEPT_LENGTH)
    .split(',')
    .map((part) => part.split(';').map((text) => text.trim()))
    .filter(([type]) => type !== '')
    .map(([type, ...rest]) => ({
      type: (type ?? '').toLowerCase(),
      parameters: Object.fromEntries(
        rest.map((text) => [text.split('=')[0]!.trim().toLowerCase(), text.slice(text.indexOf('=') + 1).trim()]),
      ),
    }));
}

/**
 * Picks the first representation we can write. Protobuf is not offered: clients that prefer it list JSON next.
 * @throws KubeApiError 406 when nothing fits
 */
export function negotiate(accept: string | undefined): Representation {
  const types = parseAccept(accept);
  if (types.length === 0) return PLAIN;
  for (const { type, parameters } of types) {
    if (!isJson(type)) continue;
    if (parameters.as === undefined) return PLAIN;
    const as = ENVELOPES.find((name) => name === parameters.as);
    if (as && parameters.g === 'meta.k8s.io' && (parameters.v === 'v1' || parameters.v === 'v1beta1')) {
      return { as, apiVersion: `meta.k8s.io/${parameters.v}` };
    }
  }
  throw notAcceptable();
}

/** The aggregated discovery version the client prefers before plain JSON; undefined means the unaggregated documents. */
export function negotiateDiscovery(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (!isJson(type)) continue;
    if (parameters.as === undefined) return undefined;
    const { as, g, v } = parameters;
    if (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === '*/*' || type === 'application/*';
}
