import { isObject } from '@flotilla/kernel';
import type { ScaleSubresource } from '../api/api-resource.js';
import { type ApiAnswer, jsonAnswer } from '../http/api-request.js';
import { badRequest, internal, invalid, modified, patchDoesNotApply } from '../http/kube-api.errors.js';
import { readObjectBody, readPatchBody } from '../http/read-body.js';
import { checkPatchOptions, readWriteOptions } from '../http/write-options.js';
import type { KubeObject, ManagedFieldsEntry } from '../storage.js';
import type { ApiCall } from './api-call.js';
import { updateManagement } from './create-object.js';
import { applyPatch, checkShape, patchTypeOf } from './patch-object.js';
import { presentObject } from './present.js';
import { liveObject } from './read-objects.js';
import { changeObject } from './update-object.js';

/** GET of `autoscaling/v1 Scale`. */
export async function getScale(call: ApiCall): Promise<ApiAnswer> {
  return jsonAnswer(200, scaleOf(call, await liveObject(call)));
}

/** PUT or PATCH of the scale: only the number of replicas reaches the object. */
export async function writeScale(call: ApiCall): Promise<ApiAnswer> {
  const isPatch = call.request.method === 'PATCH';
  const options = readWriteOptions(call.request, isPatch ? 'PatchOptions' : 'UpdateOptions');
  const build = isPatch ? readScalePatch(call) : readScale(call);
  if (isPatch) checkPatchOptions(options, true, false);
  const written = await changeObject(call, {
    options,
    createsMissing: false,
    retries: true,
    build: (live) => {
      const scale = build(scaleOf(call, live!));
      const asked = isObject(scale.metadata) ? scale.metadata.resourceVersion : undefined;
      if (asked && asked !== live!.metadata.resourceVersion) throw modified(call.resource, call.name);
      const manage = updateManagement(call, options);
      return { object: withReplicas(call, live!, scale), warnings: [], manage: (next, before) => withTimelessEntry(manage(next, before)) };
    },
  });
  return jsonAnswer(200, scaleOf(call, written.object));
}

/** The real server gives no time to the entry of a scale write, and sorts it before those that have one. */
function withTimelessEntry(object: KubeObject): KubeObject {
  const entries = object.metadata.managedFields ?? [];
  const isScale = (entry: ManagedFieldsEntry): boolean => entry.operation === 'Update' && entry.subresource === 'scale';
  const timeless = entries.filter(isScale).map(({ time: _, ...entry }) => entry);
  const others = entries.filter((entry) => !isScale(entry));
  const applied = others.filter(({ operation }) => operation === 'Apply');
  const updated = others.filter(({ operation }) => operation === 'Update');
  return { ...object, metadata: { ...object.metadata, managedFields: [...applied, ...timeless, ...updated] } };
}

type ScaleChange = (current: Record<string, unknown>) => Record<string, unknown>;

function readScale(call: ApiCall): ScaleChange {
  const { value } = readObjectBody(call.request, 'Scale', false);
  if (!isObject(value)) throw badRequest('the object provided is unrecognized (must be of type Scale)');
  return () => value;
}

/** Scale has no lists, so a strategic patch is a merge patch. */
function readScalePatch(call: ApiCall): ScaleChange {
  const type = patchTypeOf(call.request, false);
  const { value } = readPatchBody(call.request, false);
  checkShape(type === 'application/apply-patch+yaml' ? 'application/merge-patch+json' : type, value);
  return (current) => {
    const patched = applyPatch(call, type === 'application/json-patch+json' ? type : 'application/merge-patch+json', current, value);
    if (!isObject(patched)) throw patchDoesNotApply();
    return patched;
  };
}

function withReplicas({ resource, name }: ApiCall, live: KubeObject, scale: Record<string, unknown>): KubeObject {
  const replicas = isObject(scale.spec) ? (scale.spec.replicas ?? 0) : 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [{ reason: 'FieldValueInvalid', message, field: 'spec.replicas' }]);
  }
  return setPath(live, segmentsOf(scaleSubresource(resource.subresources.scale).specReplicasPath), replicas) as KubeObject;
}

function scaleOf(call: ApiCall, stored: KubeObject): Record<string, unknown> {
  const { resource } = call;
  const object = presentObject(resource, stored);
  const paths = scaleSubresource(resource.subresources.scale);
  const replicas = getPath(object, segmentsOf(paths.specReplicasPath));
  if (replicas === undefined && resource.isCustom) throw internal(`the spec replicas field "${paths.specReplicasPath}" does not exist`);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.labelSelectorPath ? selectorText(getPath(object, segmentsOf(paths.labelSelectorPath))) : undefined;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: replicas ?? 0 },
    status: { replicas: getPath(object, segmentsOf(paths.statusReplicasPath)) ?? 0, ...(selector ? { selector } : {}) },
  };
}

function scaleSubresource(scale: ScaleSubresource | undefined): ScaleSubresource {
  if (!scale) throw internal('the resource has no scale');
  return scale;
}

function selectorText(selector: unknown): string | undefined {
  if (typeof selector === 'string') return selector;
  const labels = isObject(selector) && isObject(selector.matchLabels) ? selector.matchLabels : undefined;
  return (
    labels &&
    Object.entries(labels)
      .map(([key, value]) => `${key}=${String(value)}`)
      .sort()
      .join(',')
  );
}

function segmentsOf(path: string): string[] {
  return path.split('.').filter((segment) => segment !== '');
}

function getPath(value: unknown, segments: readonly string[]): unknown {
  return segments.reduce<unknown>(
    (current, segment) => (isObject(current) && Object.hasOwn(current, segment) ? current[segment] : undefined),
    value,
  );
}

function setPath(value: unknown, [segment, ...rest]: readonly string[], to: unknown): unknown {
  if (segment === undefined) return to;
  const object = isObject(value) ? value : {};
  return { ...object, [segment]: setPath(object[segment], rest, to) };
}
