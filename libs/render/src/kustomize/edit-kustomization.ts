import type { KustomizeSource } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { SourceOptionError } from '../render.errors.js';
import { substituteVariables } from '../substitute-variables.js';

type Kustomization = Record<string, unknown>;

/**
 * A kustomization with the options of `source.kustomize` written into it, as Argo CD does by `kustomize edit` before it builds:
 * prefix, suffix and namespace replace what stands there, images and replicas replace the entry of that name, the rest is added.
 * (An overlay on top would not do: it would prefix twice, and not find images that the base renames.)
 */
export function editKustomization(
  kustomization: Kustomization,
  options: KustomizeSource,
  components: readonly string[],
  variables: ReadonlyMap<string, string>,
): Kustomization {
  const edited: Kustomization = { ...kustomization };
  if (options.namePrefix) edited.namePrefix = options.namePrefix;
  if (options.nameSuffix) edited.nameSuffix = options.nameSuffix;
  if (options.namespace) edited.namespace = options.namespace;
  if (options.images?.length)
    edited.images = mergeByName(
      edited.images,
      options.images.map((image) => readImage(image, variables)),
    );
  if (options.replicas?.length) {
    const replicas = options.replicas.map(({ name, count }) => ({ name, count: readCount(name, count) }));
    edited.replicas = mergeByName(edited.replicas, replicas);
  }
  addLabels(edited, options);
  if (options.commonAnnotations) {
    const wanted = Object.entries(options.commonAnnotations).map(([key, value]) => [
      key,
      options.commonAnnotationsEnvsubst ? substituteVariables(value, variables) : value,
    ]);
    edited.commonAnnotations = mergeMap(
      edited.commonAnnotations,
      Object.fromEntries(wanted),
      options.forceCommonAnnotations,
      'commonAnnotations',
    );
  }
  if (options.patches?.length) edited.patches = [...listOf(edited.patches), ...options.patches];
  if (components.length > 0) edited.components = [...listOf(edited.components), ...components];
  return edited;
}

function addLabels(edited: Kustomization, options: KustomizeSource): void {
  const labels = options.commonLabels;
  if (!labels || Object.keys(labels).length === 0) return;
  if (!options.labelWithoutSelector) {
    edited.commonLabels = mergeMap(edited.commonLabels, labels, options.forceCommonLabels, 'commonLabels');
    return;
  }
  const includeTemplates = options.labelIncludeTemplates ? { includeTemplates: true } : {};
  edited.labels = [...listOf(edited.labels), { pairs: labels, includeSelectors: false, ...includeTemplates }];
}

function mergeMap(present: unknown, wanted: Record<string, string>, force: boolean | undefined, field: string): Record<string, unknown> {
  const standing = isObject(present) ? present : {};
  const clash = Object.keys(wanted).find((key) => Object.hasOwn(standing, key));
  if (clash !== undefined && !force) {
    const option = field === 'commonLabels' ? 'forceCommonLabels' : 'forceCommonAnnotations';
    throw new SourceOptionError(
      `source.kustomize.${field}: the kustomization sets ${clash} already; set source.kustomize.${option}: true to replace it`,
      {
        field: `source.kustomize.${field}`,
        key: clash,
      },
    );
  }
  return { ...standing, ...wanted };
}

function mergeByName<T extends { name: string }>(present: unknown, wanted: readonly T[]): unknown[] {
  const names = new Set(wanted.map(({ name }) => name));
  return [...listOf(present).filter((item) => !(isObject(item) && names.has(String(item.name)))), ...wanted];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `[old=]new[:tag|@digest]` as `kustomize edit set image` reads it. */
function readImage(
  text: string,
  variables: ReadonlyMap<string, string>,
): { name: string; newName?: string; newTag?: string; digest?: string } {
  const image = substituteVariables(text, variables, true);
  const unresolved = /\$\{?\w+\}?/.exec(image)?.[0];
  if (unresolved) {
    throw new SourceOptionError(
      `source.kustomize.images: ${JSON.stringify(text)} holds an unresolved ${unresolved}; write for example myapp=registry/myapp:tag`,
      {
        field: 'source.kustomize.images',
      },
    );
  }
  const equals = image.indexOf('=');
  const target = image.slice(equals + 1);
  const [repository = '', digest] = target.split('@', 2);
  const colon = repository.lastIndexOf(':');
  const hasTag = colon > repository.lastIndexOf('/');
  const newName = hasTag ? repository.slice(0, colon) : repository;
  const newTag = hasTag ? repository.slice(colon + 1) : undefined;
  const name = equals < 0 ? newName : image.slice(0, equals);
  if (name === '' || (equals < 0 && newTag === undefined && digest === undefined)) {
    throw new SourceOptionError(
      `source.kustomize.images: ${JSON.stringify(text)} names no image and tag; write image:tag, image@digest or old=new:tag`,
      {
        field: 'source.kustomize.images',
      },
    );
  }
  return { name, ...(newName !== name && newName !== '' ? { newName } : {}), ...(newTag ? { newTag } : {}), ...(digest ? { digest } : {}) };
}

function readCount(name: string, count: number | string): number {
  const value = Number(count);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new SourceOptionError(`source.kustomize.replicas: the count of ${name} is no whole number`, { field: 'source.kustomize.replicas' });
}
