import { isObject } from '@flotilla/kernel';
import { type AppRef, fieldAt, type KubeObject, omitFields, stampTracking, trackingId } from '@flotilla/kube';
import type { ResolvedItem } from './resolve-items.js';

export interface PrepareContext {
  app: AppRef;
  fleet: string;
  /** An autoscaler owns `spec.replicas`: it is never sent. */
  isAutoscaled: boolean;
  /** Contested leaves that are left to their other manager. */
  leaveAlone: readonly string[];
}

const REPLICAS = 'f:spec\0f:replicas';

/** The object as it is sent: namespace set, tracking stamped, `stringData` folded into `data`, fields of others left out. */
export function prepareObject(rendered: KubeObject, item: ResolvedItem, context: PrepareContext): KubeObject {
  const { managedFields: _m, resourceVersion: _r, uid: _u, ...metadata } = rendered.metadata;
  const placed: KubeObject = { ...rendered, metadata: item.namespace === '' ? metadata : { ...metadata, namespace: item.namespace } };
  delete placed.status;
  const stamped = stampTracking(foldStringData(placed), context.fleet, trackingId(context.app, item));
  const omitted = context.isAutoscaled ? [REPLICAS, ...context.leaveAlone] : context.leaveAlone;
  return omitted.length > 0 ? omitFields(stamped, omitted) : stamped;
}

/** The API server folds `stringData` at once, so that only `data` can be compared later. */
function foldStringData(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !isObject(object.stringData)) return object;
  const { stringData, ...rest } = object;
  const folded = Object.entries(stringData as Record<string, unknown>).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return { ...rest, data: { ...(isObject(rest.data) ? rest.data : {}), ...Object.fromEntries(folded) } } as KubeObject;
}

/** Copies live values over the desired ones at the given JSON pointers (RespectIgnoreDifferences); what is not live stays. */
export function keepLiveValues(desired: KubeObject, live: KubeObject, pointers: readonly string[]): KubeObject {
  const result = structuredClone(desired);
  for (const pointer of pointers) {
    const path = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const value = walk(live, path);
    const last = path.at(-1);
    const parent = walk(result, path.slice(0, -1));
    if (value === undefined || last === undefined) continue;
    if (Array.isArray(parent) && /^\d+$/.test(last)) parent[Number(last)] = value;
    else if (isObject(parent) && last !== '__proto__') parent[last] = value;
  }
  return result;
}

function walk(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (Array.isArray(at) ? at[Number(name)] : fieldAt(at, name)), value);
}
