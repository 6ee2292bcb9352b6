import type { ApplicationSet } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { readYamlLines, type YamlLines } from '@flotilla/yaml';
import type { ParamSet } from '../params/params.js';
import { valueAt } from './find-parameter.js';
import type { ReadFile, ReadRepositories } from './recording-ports.js';
import type { ParameterSource } from './set-trace.js';
import { namesIn } from './template-uses.js';

/** The manifest a set was read from; `lineOf` takes dotted paths (`spec.generators.0.list`). */
export interface ManifestPlace {
  file: string;
  lineOf(path: string): number | undefined;
}

type FieldPlace = Pick<ParameterSource, 'field' | 'from' | 'file' | 'line'>;

/** Tells where values of parameter sets stand. Files are read for their lines only when somebody asks. */
export class SourceLocator {
  readonly #set: ApplicationSet;
  readonly #read: ReadRepositories;
  readonly #manifest: ManifestPlace | undefined;
  readonly #lines = new Map<ReadFile, YamlLines | undefined>();
  readonly #known = new WeakMap<ParamSet, Map<string, ParameterSource>>();

  constructor(set: ApplicationSet, read: ReadRepositories, manifest?: ManifestPlace) {
    this.#set = set;
    this.#read = read;
    this.#manifest = manifest;
  }

  /** Where the parameter of a single generator's set stands; with an empty name, where the set does. */
  locate(leaf: ParamSet, name: string): ParameterSource {
    const known = this.#known.get(leaf) ?? new Map<string, ParameterSource>();
    this.#known.set(leaf, known);
    const source = known.get(name) ?? this.#locate(leaf, name);
    known.set(name, source);
    return source;
  }

  /** Where the template itself gives a default, by the field of the application. */
  locateDefault(field: string): ParameterSource {
    return { generator: 'spec.template', ...this.#field(`spec.template.${field}`, undefined) };
  }

  #locate(leaf: ParamSet, name: string): ParameterSource {
    const origin = leaf.origins[0] ?? { generator: '' };
    const generator = `spec.${origin.generator}`;
    const { cluster, file, element } = origin;
    const key = generator.slice(generator.lastIndexOf('.') + 1);
    if (key !== 'list' && this.#holdsValue(generator, name)) {
      return {
        generator,
        ...this.#field(`${generator}.${name}`, this.#valueOf(generator, name)),
        ...(cluster === undefined ? {} : { cluster }),
      };
    }
    if (cluster !== undefined) return { generator, cluster, ...clusterPart(name) };
    if (file !== undefined) return { generator, ...this.#inRepository(generator, file, element, name) };
    if (key === 'list' && element !== undefined) return { generator, ...this.#inList(generator, element, name), element };
    return { generator, ...(element === undefined ? {} : { element }) };
  }

  /** Whether the generator's own `values` give it, and not a file or server of that name. */
  #holdsValue(generator: string, name: string): boolean {
    if (!name.startsWith('values.')) return false;
    const spec = this.#specAt(generator);
    return isObject(spec) && isObject(spec.values) && Object.hasOwn(spec.values, name.slice('values.'.length));
  }

  #valueOf(generator: string, name: string): unknown {
    const spec = this.#specAt(generator);
    return isObject(spec) ? valueAt(spec, name) : undefined;
  }

  #specAt(path: string): unknown {
    return dotted(path)
      .split('.')
      .reduce<unknown>((node, part) => {
        const member = (node as Record<string, unknown> | undefined)?.[part];
        return member === undefined && part === 'clusters' ? (node as Record<string, unknown> | undefined)?.cluster : member;
      }, this.#set);
  }

  #field(field: string, written: unknown): FieldPlace {
    const names = typeof written === 'string' ? namesIn(written, this.#set.spec.goTemplate === true) : [];
    const from = names.length > 0 ? { from: names } : {};
    if (!this.#manifest) return { field, ...from };
    const line = this.#manifest.lineOf(dotted(field));
    return { field, ...from, file: this.#manifest.file, ...(line === undefined ? {} : { line }) };
  }

  #inList(generator: string, element: number, name: string): FieldPlace {
    const spec = this.#specAt(generator);
    const { elements, elementsYaml }: Record<string, unknown> = isObject(spec) ? spec : {};
    const written: unknown = Array.isArray(elements) ? elements[element] : undefined;
    if (written === undefined) return this.#field(`${generator}.elementsYaml`, elementsYaml);
    if (name === '') return this.#field(`${generator}.elements[${element}]`, undefined);
    return this.#field(`${generator}.elements[${element}].${name}`, isObject(written) ? valueAt(written, name) : undefined);
  }

  #inRepository(generator: string, path: string, element: number | undefined, name: string): Partial<ParameterSource> {
    const file = this.#fileAt(generator, path);
    if (!file) return this.#repositoryOf(generator, path);
    const { repository, revision } = file;
    const item = this.#itemOf(file, element);
    const line = this.#lineIn(file, item, name);
    return { repository, revision, file: path, ...(line === undefined ? {} : { line }), ...(item === undefined ? {} : { element: item }) };
  }

  /** The element, when the file is a list at all. */
  #itemOf(file: ReadFile, element = 0): number | undefined {
    return this.#linesOf(file)?.lineOf(String(element)) === undefined ? undefined : element;
  }

  #lineIn(file: ReadFile, item: number | undefined, name: string): number | undefined {
    const lines = this.#linesOf(file);
    if (name === '' || isPathName(name)) return item === undefined ? undefined : lines?.lineOf(String(item));
    return item === undefined ? lines?.nearestLineOf(name) : lines?.nearestLineOf(`${item}.${name}`);
  }

  #linesOf(file: ReadFile): YamlLines | undefined {
    if (!this.#lines.has(file)) this.#lines.set(file, readYamlLines(file.text, { file: file.path })[0]);
    return this.#lines.get(file);
  }

  /** Of equal paths in several repositories, the one the generator names; a templated one may leave it open. */
  #fileAt(generator: string, path: string): ReadFile | undefined {
    const files = this.#read.filesAt(path);
    if (files.length < 2) return files[0];
    const spec = this.#specAt(generator) as { repoURL?: unknown; revision?: unknown } | undefined;
    const fitting = files.filter(({ repository, revision }) => repository === spec?.repoURL && revision === (spec.revision ?? ''));
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  #repositoryOf(generator: string, path: string): Partial<ParameterSource> {
    const spec = this.#specAt(generator) as { repoURL?: unknown; revision?: unknown } | undefined;
    const at = this.#read.places.filter(({ repository, revision }) => repository === spec?.repoURL && revision === (spec.revision ?? ''));
    const place = at[0] ?? (this.#read.places.length === 1 ? this.#read.places[0] : undefined);
    return { ...(place ?? {}), file: path };
  }
}

/** `path`, `path.basename`, `path[0]`, also below a prefix: what the place of a file says, not its content. */
export const isPathName = (name: string): boolean =>
  /(^|\.)path(\[\d+\]|\.(path|basename|basenameNormalized|filename|filenameNormalized|segments)(\..*)?)?$/.test(name);

function clusterPart(name: string): Pick<ParameterSource, 'label' | 'annotation'> {
  if (name.startsWith('metadata.labels.')) return { label: name.slice('metadata.labels.'.length) };
  return name.startsWith('metadata.annotations.') ? { annotation: name.slice('metadata.annotations.'.length) } : {};
}

const dotted = (path: string): string => path.replace(/\[(\d+)\]/g, '.$1');
