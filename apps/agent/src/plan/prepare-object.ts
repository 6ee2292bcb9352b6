import { isObject } from '@flotilla/kernel';
import { type AppRef, counterpartIn, type JsonPath, type KubeObject, omitFields, stampTracking, trackingId } from '@flotilla/kube';
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

/**
 * Copies live values over the desired ones at the given places of the live object (RespectIgnoreDifferences); what is not live
 * stays. List elements are matched by what names them, as their order may differ.
 */
export function keepLiveValues(desired: KubeObject, live: KubeObject, paths: readonly JsonPath[]): KubeObject {
  const result = structuredClone(desired);
  for (const path of paths) keepLiveValue(result, live, path);
  return result;
}

function keepLiveValue(result: unknown, live: unknown, path: JsonPath): void {
  let target = result;
  let source = live;
  for (const [depth, part] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (Array.isArray(target) && Array.isArray(source) && /^\d+$/.test(String(part))) {
      const at = counterpartIn(target, source, Number(part));
      if (at < 0) return;
      source = source[Number(part)];
      if (isLast && source !== undefined) target[at] = source;
      target = target[at];
    } else if (isObject(target) && isObject(source)) {
      const name = String(part);
      if (name === '__proto__' || !Object.hasOwn(source, name)) return;
      source = source[name];
      if (isLast && source !== undefined) target[name] = source;
      target = Object.hasOwn(target, name) ? target[name] : undefined;
    } else return;
  }
}
