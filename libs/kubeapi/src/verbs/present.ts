import { type ApiResource, apiVersionOf } from '../api/api-resource.js';
import { type ApiAnswer, jsonAnswer } from '../http/api-request.js';
import { badRequest } from '../http/kube-api.errors.js';
import { negotiate, type Representation } from '../http/negotiate.js';
import type { KubeObject } from '../storage.js';
import { partialMetadataOf, type RowObject, tableOf } from '../table/table.view.js';
import type { ApiCall } from './api-call.js';

/** What readers see of a stored object: masked, in the version the client asked for. */
export function presentObject(resource: ApiResource, object: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(resource);
  const versioned = object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  return resource.strategy.mask?.(versioned) ?? versioned;
}

/** One object in the representation the client asks for. */
export function answerObject(call: ApiCall, status: number, object: KubeObject, warnings: readonly string[] = []): ApiAnswer {
  const wanted = negotiate(call.request.headers.accept);
  return jsonAnswer(status, representObject(call, presentObject(call.resource, object), wanted), warnings);
}

export function representObject(call: ApiCall, object: KubeObject, wanted: Representation, withoutColumns = false): unknown {
  switch (wanted.as) {
    case 'Table':
      return tableOf(call.resource, [object], {
        apiVersion: wanted.apiVersion,
        rowObject: rowObjectOf(call),
        nowMs: call.services.clock.now(),
        metadata: { resourceVersion: object.metadata.resourceVersion },
        withoutColumns,
      });
    case 'PartialObjectMetadata':
      return partialMetadataOf(object, wanted.apiVersion);
    default:
      return object;
  }
}

/** A page of objects in the representation the client asks for. */
export function answerList(call: ApiCall, items: readonly KubeObject[], metadata: Record<string, unknown>): ApiAnswer {
  const { resource } = call;
  const wanted = negotiate(call.request.headers.accept);
  const objects = items.map((item) => presentObject(resource, item));
  if (wanted.as === 'Table') {
    const options = { apiVersion: wanted.apiVersion, rowObject: rowObjectOf(call), nowMs: call.services.clock.now(), metadata };
    return jsonAnswer(200, tableOf(resource, objects, options));
  }
  if (wanted.as !== 'object') {
    const partial = objects.map((object) => partialMetadataOf(object, wanted.apiVersion));
    return jsonAnswer(200, { kind: 'PartialObjectMetadataList', apiVersion: wanted.apiVersion, metadata, items: partial });
  }
  const listed = resource.isCustom ? objects : objects.map(({ apiVersion: _, kind: __, ...rest }) => rest);
  return jsonAnswer(200, { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items: listed });
}

export function rowObjectOf({ request }: ApiCall): RowObject {
  const value = request.query.get('includeObject') ?? '';
  if (value === '') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`includeObject ${JSON.stringify(value)} is not one of None, Metadata, Object`);
}
