import { isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { RenderTemplateError } from '../expand/expand.errors.js';

/** Lists of an Application that a strategic merge patch adds to; its type has no other with a merge strategy. */
const MERGED_LISTS = ['metadata.finalizers'];

/**
 * Lays the text of `spec.templatePatch`, rendered, over an application as a strategic merge patch: maps merge, `null`
 * removes, lists are replaced but for finalizers, and `$patch: delete` or `replace` work on maps. The project stays, as in Argo CD
 * (applicationset/controllers/template/patch.go).
 *
 * @throws RenderTemplateError for a text that is no map, and for directives other than `$patch`
 */
export function applyTemplatePatch(document: Record<string, unknown>, text: string): Record<string, unknown> {
  const patch = readPatch(text);
  if (patch === undefined) return document;
  const patched = mergePatch(document, patch, '') as Record<string, unknown>;
  const project = isObject(document.spec) ? document.spec.project : undefined;
  return isObject(patched.spec) ? { ...patched, spec: { ...patched.spec, project } } : patched;
}

function readPatch(text: string): Record<string, unknown> | undefined {
  let patch: unknown;
  try {
    patch = parseYamlDocument(text, { file: 'spec.templatePatch' });
  } catch (error) {
    throw new RenderTemplateError(`spec.templatePatch gives no YAML: ${messageOf(error)}`);
  }
  if (patch === null || patch === undefined) return undefined;
  if (!isObject(patch)) throw new RenderTemplateError('spec.templatePatch must give a map of Application fields');
  return patch;
}

function mergePatch(target: unknown, patch: unknown, path: string): unknown {
  if (Array.isArray(patch)) {
    return MERGED_LISTS.includes(path) && Array.isArray(target) ? [...new Set([...patch, ...target])] : patch;
  }
  if (!isObject(patch)) return patch;
  const { $patch: directive, ...fields } = patch;
  const unknown = Object.keys(fields).find((key) => key.startsWith('$'));
  if (unknown) throw new RenderTemplateError(`spec.templatePatch: the directive ${unknown} is not known; write the fields themselves`);
  if (directive === 'delete') return undefined;
  const base = isObject(target) && directive !== 'replace' ? target : {};
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(fields)) {
    const next = value === null ? undefined : mergePatch(merged.get(key), value, path === '' ? key : `${path}.${key}`);
    if (next === undefined) merged.delete(key);
    else merged.set(key, next);
  }
  return Object.fromEntries(merged);
}
