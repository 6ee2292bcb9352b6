import { isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { RenderTemplateError } from '../expand/expand.errors.js';

/** Lists of an Application that a strategic merge patch adds to; its type has no other with a merge strategy. */
const MERGED_LISTS = ['metadata.finalizers'];
/** Values of one patch, aliases expanded. */
const MAX_PATCH_VALUES = 20_000;
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';

/**
 * Lays the text of `spec.templatePatch`, rendered, over an application as a strategic merge patch: maps merge, `null`
 * removes, lists are replaced but for finalizers, and the directives `$patch: delete` and `replace`, `$retainKeys` and
 * `$deleteFromPrimitiveList/FIELD` work. The project stays, as in Argo CD (applicationset/controllers/template/patch.go).
 *
 * @param charge told how many values the patch has, before they are laid over anything
 * @throws RenderTemplateError for a text that is no map, and for other directives
 */
export function applyTemplatePatch(
  document: Record<string, unknown>,
  text: string,
  charge: (values: number) => void,
): Record<string, unknown> {
  const patch = readPatch(text);
  if (patch === undefined) return document;
  charge(countValues(patch));
  const patched = mergePatch(document, patch, '') as Record<string, unknown>;
  const project = isObject(document.spec) ? document.spec.project : undefined;
  return isObject(patched.spec) ? { ...patched, spec: { ...patched.spec, project } } : patched;
}

function readPatch(text: string): Record<string, unknown> | undefined {
  let patch: unknown;
  try {
    patch = parseYamlDocument(text, { file: 'spec.templatePatch', maxNodes: MAX_PATCH_VALUES });
  } catch (error) {
    throw new RenderTemplateError(`spec.templatePatch gives no YAML: ${messageOf(error)}`);
  }
  if (patch === null || patch === undefined) return undefined;
  if (!isObject(patch)) throw new RenderTemplateError('spec.templatePatch must give a map of Application fields');
  return patch;
}

function countValues(value: unknown): number {
  const members = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return members.reduce<number>((sum, member) => sum + countValues(member), 1);
}

function mergePatch(target: unknown, patch: unknown, path: string): unknown {
  if (Array.isArray(patch)) {
    return MERGED_LISTS.includes(path) && Array.isArray(target) ? [...new Set([...patch, ...target])] : patch;
  }
  if (!isObject(patch)) return patch;
  const { $patch: directive, $retainKeys: retained, ...fields } = patch;
  if (directive === 'delete') return undefined;
  const base = isObject(target) && directive !== 'replace' ? target : {};
  const merged = new Map(Object.entries(base));
  if (retained !== undefined) keepOnly(merged, textsOf(retained, path, '$retainKeys'), path);
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith(DELETE_FROM_LIST)) deleteFromList(merged, key.slice(DELETE_FROM_LIST.length), textsOf(value, path, key));
    else if (key.startsWith('$'))
      throw new RenderTemplateError(`${at(path)}the directive ${key} is not known; write the fields themselves`);
    else mergeField(merged, key, value, path === '' ? key : `${path}.${key}`);
  }
  return Object.fromEntries(merged);
}

function mergeField(merged: Map<string, unknown>, key: string, value: unknown, path: string): void {
  const next = value === null ? undefined : mergePatch(merged.get(key), value, path);
  if (next === undefined) merged.delete(key);
  else merged.set(key, next);
}

function keepOnly(merged: Map<string, unknown>, keys: readonly string[], path: string): void {
  for (const key of merged.keys()) if (!keys.includes(key)) merged.delete(key);
  if (keys.some((key) => key.startsWith('$'))) throw new RenderTemplateError(`${at(path)}$retainKeys names fields, no directives`);
}

function deleteFromList(merged: Map<string, unknown>, field: string, values: readonly string[]): void {
  const list = merged.get(field);
  if (Array.isArray(list))
    merged.set(
      field,
      list.filter((item) => !values.includes(item)),
    );
}

function textsOf(value: unknown, path: string, directive: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new RenderTemplateError(`${at(path)}${directive} must be a list of texts`);
}

const at = (path: string): string => (path === '' ? 'spec.templatePatch: ' : `spec.templatePatch: ${path}: `);
