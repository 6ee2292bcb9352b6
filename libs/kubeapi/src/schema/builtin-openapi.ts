import { existsSync, readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { NotFoundError } from '@flotilla/kernel';
import type { OpenApiSchema } from './schema-node.js';

const FILE = 'openapi/kubernetes-1.36.ndjson.zst';
const TAB = 9;
const NEWLINE = 10;

/** One entry of a discovery document's `resources`, as the real server answers it. */
export interface BuiltinResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  /** Set on subresources whose object belongs to another group (`scale`). */
  group?: string;
  version?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, unknown>;
  components: { schemas: Record<string, OpenApiSchema> };
}

interface Index {
  version: string;
  groupVersions: Record<string, { kinds: Record<string, string>; resources: BuiltinResource[] }>;
}

/** The schemas of the built-in kinds of Kubernetes 1.36, read when first asked for; a definition is parsed when it is first used. */
export interface BuiltinOpenApi {
  /** The server they were taken from, for example `v1.36.3`. */
  readonly version: string;
  groupVersions(): string[];
  /** Kind to definition name, for one group version; empty when it is unknown. */
  kinds(groupVersion: string): Readonly<Record<string, string>>;
  resources(groupVersion: string): readonly BuiltinResource[];
  /** The OpenAPI v3 document of a group version: `components` with descriptions, no `paths`. Built anew at every call. */
  document(groupVersion: string): OpenApiDocument;
  /** A schema without descriptions, by definition name. */
  definition(name: string): OpenApiSchema | undefined;
}

/** The package's folder is two levels up in the sources, three in the build. */
function dataFile(): URL {
  const candidates = ['../..', '../../..'].map((up) => new URL(`${up}/${FILE}`, import.meta.url));
  const found = candidates.find((url) => existsSync(url));
  if (!found)
    throw new NotFoundError(`the schemas of the built-in kinds (${FILE}) are not installed with @flotilla/kubeapi; reinstall it`, { FILE });
  return found;
}

class BuiltinFile implements BuiltinOpenApi {
  readonly #text: Buffer;
  readonly #index: Index;
  /** Where a definition's line starts; its name is cut off. */
  readonly #offsets = new Map<string, number>();
  readonly #parsed = new Map<string, OpenApiSchema>();

  constructor(text: Buffer) {
    this.#text = text;
    let start = text.indexOf(NEWLINE);
    this.#index = JSON.parse(text.toString('utf8', 0, start)) as Index;
    while (start >= 0) {
      const tab = text.indexOf(TAB, start + 1);
      if (tab < 0) break;
      this.#offsets.set(text.toString('utf8', start + 1, tab), tab + 1);
      start = text.indexOf(NEWLINE, tab);
    }
  }

  get version(): string {
    return this.#index.version;
  }

  groupVersions(): string[] {
    return Object.keys(this.#index.groupVersions);
  }

  kinds(groupVersion: string): Readonly<Record<string, string>> {
    return this.#index.groupVersions[groupVersion]?.kinds ?? {};
  }

  resources(groupVersion: string): readonly BuiltinResource[] {
    return this.#index.groupVersions[groupVersion]?.resources ?? [];
  }

  definition(name: string): OpenApiSchema | undefined {
    const known = this.#parsed.get(name);
    if (known) return known;
    const start = this.#offsets.get(name);
    if (start === undefined) return undefined;
    const schema = JSON.parse(this.#text.toString('utf8', start, this.#text.indexOf(TAB, start))) as OpenApiSchema;
    this.#parsed.set(name, schema);
    return schema;
  }

  document(groupVersion: string): OpenApiDocument {
    const schemas: Record<string, OpenApiSchema> = {};
    const pending = Object.values(this.kinds(groupVersion));
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name in schemas) continue;
      const schema = this.#described(name);
      if (!schema) continue;
      schemas[name] = schema;
      for (const [, reference] of JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) pending.push(reference!);
    }
    return { openapi: '3.0.0', info: { title: 'Kubernetes', version: this.version }, paths: {}, components: { schemas } };
  }

  /** The definition with its descriptions put back, as a value of its own. */
  #described(name: string): OpenApiSchema | undefined {
    const start = this.#offsets.get(name);
    if (start === undefined) return undefined;
    const tab = this.#text.indexOf(TAB, start);
    const end = this.#text.indexOf(NEWLINE, tab);
    const schema = JSON.parse(this.#text.toString('utf8', start, tab)) as OpenApiSchema;
    const texts = JSON.parse(this.#text.toString('utf8', tab + 1, end < 0 ? undefined : end)) as Record<string, string>;
    for (const [property, description] of Object.entries(texts)) {
      if (property === '') schema.description = description;
      else if (schema.properties?.[property]) schema.properties[property].description = description;
    }
    return schema;
  }
}

let file: BuiltinFile | undefined;

export function builtinOpenApi(): BuiltinOpenApi {
  file ??= new BuiltinFile(zstdDecompressSync(readFileSync(dataFile())));
  return file;
}

export function builtinDefinition(name: string): OpenApiSchema | undefined {
  return builtinOpenApi().definition(name);
}
