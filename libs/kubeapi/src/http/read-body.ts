import { isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { decodeProtobuf, PROTOBUF_TYPE } from '../protobuf/decode-protobuf.js';
import type { ApiRequest } from './api-request.js';
import { findDuplicateFields } from './duplicate-fields.js';
import { badRequest, unsupportedMediaType } from './kube-api.errors.js';

/** A decoded body. `duplicates` are paths of members given twice; looked for only when somebody will be told. */
export interface ReadBody {
  value: unknown;
  text: string;
  duplicates: string[];
}

const OBJECT_TYPES = ['application/json', 'application/yaml', PROTOBUF_TYPE] as const;

/** The media type of a request without its parameters; JSON when the client says nothing. */
export function contentTypeOf(request: ApiRequest): string {
  const header = request.headers['content-type'] ?? '';
  return header.split(';')[0]!.trim().toLowerCase() || 'application/json';
}

/** Decodes an object sent with POST, PUT or DELETE. */
export function readObjectBody(request: ApiRequest, kind: string, wantsDuplicates: boolean): ReadBody {
  const type = contentTypeOf(request);
  if (type === 'application/yaml') return readYaml(request, wantsDuplicates);
  if (type === PROTOBUF_TYPE) return readProtobuf(request, kind);
  if (type !== 'application/json') throw unsupportedMediaType(OBJECT_TYPES);
  const text = textOf(request);
  try {
    return readJson(text, wantsDuplicates);
  } catch (error) {
    const cause = `couldn't get version/kind; json parse error: ${messageOf(error)}`;
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${cause}`);
  }
}

function readProtobuf({ body }: ApiRequest, kind: string): ReadBody {
  try {
    return { value: decodeProtobuf(body), text: '', duplicates: [] };
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${messageOf(error)}`);
  }
}

/** Decodes an apply configuration: YAML, or JSON which is YAML too and far faster to read. */
export function readApplyBody(request: ApiRequest, wantsDuplicates: boolean): ReadBody {
  const text = textOf(request);
  if (/^\s*\{/.test(text)) {
    try {
      return readJson(text, wantsDuplicates);
    } catch {
      // A YAML flow mapping also starts with a brace.
    }
  }
  return readYaml(request, wantsDuplicates);
}

/** Decodes a JSON or merge patch. */
export function readPatchBody(request: ApiRequest, wantsDuplicates: boolean): ReadBody {
  try {
    return readJson(textOf(request), wantsDuplicates);
  } catch (error) {
    throw badRequest(`error decoding patch: ${messageOf(error)}`);
  }
}

function readJson(text: string, wantsDuplicates: boolean): ReadBody {
  const value: unknown = JSON.parse(text);
  return { value, text, duplicates: wantsDuplicates && isObject(value) ? findDuplicateFields(text) : [] };
}

function readYaml(request: ApiRequest, wantsDuplicates: boolean): ReadBody {
  const text = textOf(request);
  try {
    const value = parseYamlDocument(text, { maxDocuments: 1 });
    return { value, text, duplicates: wantsDuplicates && /^\s*\{/.test(text) ? duplicatesOfFlow(text) : [] };
  } catch (error) {
    throw badRequest(`error decoding YAML: ${messageOf(error)}`);
  }
}

/** Duplicates are told for JSON texts; block YAML keeps the last of equal keys, as Go reads it. */
function duplicatesOfFlow(text: string): string[] {
  try {
    JSON.parse(text);
    return findDuplicateFields(text);
  } catch {
    return [];
  }
}

function textOf(request: ApiRequest): string {
  return Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength).toString('utf8');
}
