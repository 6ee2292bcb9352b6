import { InvalidInputError, messageOf } from '@flotilla/kernel';
import type { SchemaNode } from '../schema/schema-node.js';
import type { ManagedFieldsEntry } from '../storage.js';
import { EMPTY_SET, type FieldSet } from './fields/field-set.js';
import { decodeFieldsV1, encodeFieldsV1 } from './fields/fields-v1.js';

export type Operation = ManagedFieldsEntry['operation'];

export interface ManagerId {
  manager: string;
  operation: Operation;
  apiVersion: string;
  subresource?: string;
}

/** Update entries above this are folded into `ancient-changes`, oldest first, as the real server does. */
const MAX_UPDATE_MANAGERS = 10;
const ANCIENT_MANAGER = 'ancient-changes';

/** Applying managers keep one entry whatever version they apply; updating ones have one per version. */
function keyOf(id: ManagerId): string {
  return JSON.stringify([id.manager, id.operation, id.operation === 'Apply' ? '' : id.apiVersion, id.subresource ?? '']);
}

/** One manager's entry; its set is decoded when it is first needed, and an entry that did not change is written back as it was. */
class Manager {
  readonly id: ManagerId;
  time: string | undefined;
  readonly #stored: ManagedFieldsEntry | undefined;
  readonly #schema: SchemaNode;
  #fields: FieldSet | undefined;
  #original: FieldSet | undefined;

  constructor(id: ManagerId, schema: SchemaNode, stored?: ManagedFieldsEntry) {
    this.id = id;
    this.#schema = schema;
    this.#stored = stored;
    this.time = stored?.time;
  }

  get fields(): FieldSet {
    this.#fields ??= this.#decode();
    return this.#fields;
  }

  set fields(fields: FieldSet) {
    if (this.#stored) this.#original ??= this.#decode();
    this.#fields = fields;
  }

  #decode(): FieldSet {
    if (!this.#stored) return EMPTY_SET;
    try {
      return decodeFieldsV1(this.#stored.fieldsV1 ?? {}, this.#schema);
    } catch (error) {
      throw new InvalidInputError(
        `metadata.managedFields: the entry of ${JSON.stringify(this.id.manager)} cannot be read: ${messageOf(error)}`,
        {
          field: 'metadata.managedFields',
          manager: this.id.manager,
        },
      );
    }
  }

  get isEmpty(): boolean {
    return this.#fields?.isEmpty === true;
  }

  entry(): ManagedFieldsEntry {
    const stored = this.#stored;
    const isSame = stored && (this.#fields === undefined || this.#original === undefined || this.#fields.equals(this.#original));
    if (isSame && stored.time === this.time && stored.apiVersion === this.id.apiVersion) return stored;
    const { manager, operation, apiVersion, subresource } = this.id;
    return {
      manager,
      operation,
      apiVersion,
      ...(this.time === undefined ? {} : { time: this.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: isSame ? stored.fieldsV1 : encodeFieldsV1(this.fields),
      ...(subresource ? { subresource } : {}),
    };
  }
}

function isReadable(entry: ManagedFieldsEntry): boolean {
  return (entry.operation === 'Apply' || entry.operation === 'Update') && !!entry.apiVersion && entry.fieldsType === 'FieldsV1';
}

/** Who owns what in one object: `metadata.managedFields`, decoded. */
export class Managers {
  readonly #schema: SchemaNode;
  readonly #managers = new Map<string, Manager>();

  private constructor(schema: SchemaNode) {
    this.#schema = schema;
  }

  /** Throws InvalidInputError when an entry is not of the form the real server writes. */
  static read(entries: readonly ManagedFieldsEntry[] | undefined | null, schema: SchemaNode): Managers {
    const managers = new Managers(schema);
    for (const [i, entry] of (entries ?? []).entries()) {
      if (!isReadable(entry)) {
        throw new InvalidInputError(`metadata.managedFields[${i}] needs operation Apply or Update, an apiVersion and fieldsType FieldsV1`, {
          field: `metadata.managedFields[${i}]`,
        });
      }
      const { manager = '', operation, apiVersion, subresource } = entry;
      const id: ManagerId = { manager, operation, apiVersion, ...(subresource ? { subresource } : {}) };
      managers.#managers.set(keyOf(id), new Manager(id, schema, entry));
    }
    return managers;
  }

  get isEmpty(): boolean {
    return this.#managers.size === 0;
  }

  fieldsOf(id: ManagerId): FieldSet | undefined {
    return this.#managers.get(keyOf(id))?.fields;
  }

  set(id: ManagerId, fields: FieldSet): void {
    const known = this.#managers.get(keyOf(id));
    // An applier that moved to another version keeps its entry and its time.
    if (known && known.id.apiVersion === id.apiVersion) {
      known.fields = fields;
      return;
    }
    const manager = new Manager(id, this.#schema);
    manager.fields = fields;
    manager.time = known?.time;
    this.#managers.set(keyOf(id), manager);
  }

  stamp(id: ManagerId, time: string): void {
    const manager = this.#managers.get(keyOf(id));
    if (manager) manager.time = time;
  }

  /** Every other manager with its fields. */
  others(id: ManagerId): { id: ManagerId; fields: FieldSet }[] {
    const key = keyOf(id);
    return [...this.#managers].filter(([other]) => other !== key).map(([, manager]) => manager);
  }

  /** Decodes every entry, so that what cannot be read shows now. */
  decodeAll(): void {
    for (const manager of this.#managers.values()) manager.fields;
  }

  dropEmpty(): void {
    for (const [key, manager] of this.#managers) if (manager.isEmpty) this.#managers.delete(key);
  }

  /** Folds the oldest Update entries of a version into one until few enough are left. */
  cap(): void {
    const updaters = [...this.#managers].filter(([, { id }]) => id.operation === 'Update').sort(byAge);
    let count = updaters.length;
    const firstOf = new Map<string, string>();
    for (const [key, manager] of updaters) {
      if (count <= MAX_UPDATE_MANAGERS) return;
      const { apiVersion } = manager.id;
      const first = firstOf.get(apiVersion);
      if (first === undefined) {
        firstOf.set(apiVersion, key);
        continue;
      }
      const bucket: ManagerId = { manager: ANCIENT_MANAGER, operation: 'Update', apiVersion };
      const bucketKey = keyOf(bucket);
      if (!this.#managers.has(bucketKey)) {
        this.set(bucket, this.#managers.get(first)!.fields);
        this.#managers.delete(first);
      }
      this.set(bucket, manager.fields.union(this.#managers.get(bucketKey)!.fields));
      this.#managers.get(bucketKey)!.time = manager.time;
      if (key !== bucketKey) this.#managers.delete(key);
      count--;
    }
  }

  /** In the real server's order: appliers first, then by time, name, version and subresource. */
  entries(): ManagedFieldsEntry[] {
    return [...this.#managers.values()].map((manager) => manager.entry()).sort(byOrder);
  }
}

function secondsOf(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byAge([keyA, a]: [string, Manager], [keyB, b]: [string, Manager]): number {
  return secondsOf(a.time) - secondsOf(b.time) || byText(keyA, keyB);
}

function byOrder(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    byText(a.operation, b.operation) ||
    secondsOf(a.time) - secondsOf(b.time) ||
    byText(a.manager, b.manager) ||
    byText(a.apiVersion, b.apiVersion) ||
    byText(a.subresource ?? '', b.subresource ?? '')
  );
}
