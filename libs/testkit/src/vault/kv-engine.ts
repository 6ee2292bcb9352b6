/** One version of a KV v2 secret. */
interface Version {
  data: Record<string, unknown> | null;
  created_time: string;
  deletion_time: string;
  destroyed: boolean;
}

export interface EngineAnswer {
  status: number;
  /** What stands below `data` of the answer; without it there is no body, or one of errors. */
  data?: unknown;
  errors?: string[];
  leaseSeconds?: number;
}

const MISSING: EngineAnswer = { status: 404, errors: [] };
const V1_LEASE_SECONDS = 2_764_800;

/** KV version 1 as the API description says: one value per path, a lease that means "look again after". */
export class KvV1 {
  readonly #values = new Map<string, Record<string, unknown>>();

  handle(method: string, path: string, _query: URLSearchParams, body: Record<string, unknown>): EngineAnswer {
    if (method === 'GET') {
      const data = this.#values.get(path);
      return data ? { status: 200, data, leaseSeconds: V1_LEASE_SECONDS } : MISSING;
    }
    if (method === 'DELETE') this.#values.delete(path);
    else this.#values.set(path, body);
    return { status: 204 };
  }
}

/** KV version 2 as the API description says: versions, soft delete and undelete, destroy, metadata, check-and-set. */
export class KvV2 {
  readonly #secrets = new Map<string, Version[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  handle(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): EngineAnswer {
    const [verb = '', ...rest] = path.split('/');
    const name = rest.join('/');
    const versions = this.#secrets.get(name);
    if (verb === 'data') return this.#data(method, name, versions, query, body);
    if (verb === 'metadata') return this.#metadata(method, name, versions);
    if (!versions) return verb === 'delete' || verb === 'undelete' || verb === 'destroy' ? { status: 204 } : MISSING;
    for (const number of (body.versions as number[]) ?? []) this.#mark(verb, versions[number - 1]);
    return { status: 204 };
  }

  #data(
    method: string,
    name: string,
    versions: Version[] | undefined,
    query: URLSearchParams,
    body: Record<string, unknown>,
  ): EngineAnswer {
    if (method === 'GET') return read(versions, Number(query.get('version') ?? 0));
    if (method === 'DELETE') {
      this.#mark('delete', versions?.at(-1));
      return { status: 204 };
    }
    const { data, options } = body as { data?: Record<string, unknown>; options?: { cas?: number } };
    if (!data) return { status: 400, errors: ['no data provided'] };
    const kept = versions ?? [];
    if (options?.cas !== undefined && options.cas !== kept.length)
      return { status: 400, errors: ['check-and-set parameter did not match the current version'] };
    kept.push({ data, created_time: this.#time(), deletion_time: '', destroyed: false });
    this.#secrets.set(name, kept);
    return { status: 200, data: metadataOf(kept, kept.length) };
  }

  #metadata(method: string, name: string, versions: Version[] | undefined): EngineAnswer {
    if (method === 'DELETE') {
      this.#secrets.delete(name);
      return { status: 204 };
    }
    if (!versions) return MISSING;
    const entries = versions.map(({ data: _, ...facts }, i) => [String(i + 1), facts]);
    return { status: 200, data: { current_version: versions.length, oldest_version: 1, versions: Object.fromEntries(entries) } };
  }

  #mark(verb: string, version: Version | undefined): void {
    if (!version) return;
    if (verb === 'delete') version.deletion_time = this.#time();
    if (verb === 'undelete' && !version.destroyed) version.deletion_time = '';
    if (verb === 'destroy') Object.assign(version, { destroyed: true, data: null });
  }

  #time = (): string => new Date(this.#now()).toISOString();
}

/** A deleted version is not found, and still tells its metadata. */
function read(versions: Version[] | undefined, wanted: number): EngineAnswer {
  const number = wanted === 0 ? (versions?.length ?? 0) : wanted;
  const version = versions?.[number - 1];
  if (!versions || !version) return MISSING;
  const isGone = version.destroyed || version.deletion_time !== '';
  return { status: isGone ? 404 : 200, data: { data: isGone ? null : version.data, metadata: metadataOf(versions, number) } };
}

function metadataOf(versions: readonly Version[], number: number): object {
  const { data: _, ...facts } = versions[number - 1]!;
  return { ...facts, custom_metadata: null, version: number };
}
