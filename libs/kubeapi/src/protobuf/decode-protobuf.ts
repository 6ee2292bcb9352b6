import { InvalidInputError, isObject } from '@flotilla/kernel';
import { type MessageField, messageTable } from './message-table.js';
import { readFields, readPacked } from './protobuf-reader.js';

type Fields = Record<string, unknown>;
type Wire = bigint | Uint8Array;

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** Every protobuf body of Kubernetes begins with these bytes. */
const MAGIC = Buffer.from('k8s\0');
const MAX_DEPTH = 64;

/**
 * Reads a built-in object as generated clients send it (`kubectl create configmap`): an envelope with apiVersion and kind
 * around the message. We never answer in protobuf; clients that send it read JSON.
 * @throws InvalidInputError for unknown kinds and broken bytes
 */
export function decodeProtobuf(bytes: Uint8Array): Fields {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) throw new InvalidInputError('the body does not begin as Kubernetes protobuf does');
  const { apiVersion, kind, raw } = readEnvelope(bytes.subarray(MAGIC.length));
  const message =
    messageTable().kinds[`${apiVersion} ${kind}`] ?? (kind === 'DeleteOptions' ? messageTable().kinds['v1 DeleteOptions'] : undefined);
  if (message === undefined) throw new InvalidInputError(`${apiVersion} ${kind} is not known in protobuf; send it as application/json`);
  return { ...readMessage(raw, message, 0), apiVersion, kind };
}

function readEnvelope(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  const envelope: { apiVersion: string; kind: string; raw: Uint8Array } = { apiVersion: '', kind: '', raw: new Uint8Array() };
  for (const { number, value } of readFields(bytes)) {
    if (number === 1 && typeof value !== 'bigint') {
      for (const field of readFields(value)) {
        if (field.number === 1) envelope.apiVersion = textOf(field.value);
        if (field.number === 2) envelope.kind = textOf(field.value);
      }
    }
    if (number === 2 && typeof value !== 'bigint') envelope.raw = value;
  }
  return envelope;
}

function readMessage(bytes: Uint8Array, name: string, depth: number): Fields {
  if (depth > MAX_DEPTH) throw new InvalidInputError(`the protobuf message is nested deeper than ${MAX_DEPTH} levels`);
  const known = new Map(messageTable().messages[name]?.map((field) => [field[0], field]));
  const object: Fields = {};
  for (const { number, value } of readFields(bytes)) {
    const field = known.get(number);
    if (field) addField(object, field, value, depth + 1);
  }
  return object;
}

function addField(object: Fields, [, name, type, isPointer]: MessageField, wire: Wire, depth: number): void {
  if (type.startsWith('{')) {
    const [key, value] = readEntry(wire, type.slice(1), depth);
    object[name] = { ...(isObject(object[name]) ? object[name] : {}), [key]: value };
    return;
  }
  if (type.startsWith('[')) {
    const items = type === '[i' && typeof wire !== 'bigint' ? readPacked(wire).map(Number) : [readValue(wire, type.slice(1), depth)];
    object[name] = [...(Array.isArray(object[name]) ? object[name] : []), ...items];
    return;
  }
  const value = readValue(wire, type, depth);
  if (name === '') Object.assign(object, value);
  // Go writes members that are no pointers even when they are not set.
  else if (isPointer === 1 || !isZero(value)) object[name] = value;
}

function readEntry(wire: Wire, type: string, depth: number): [string, unknown] {
  let key = '';
  let value: unknown = type === 's' || type === 'y' ? '' : undefined;
  for (const field of readFields(bytesOf(wire))) {
    if (field.number === 1) key = textOf(field.value);
    if (field.number === 2) value = readValue(field.value, type, depth);
  }
  return [key, value];
}

const READERS: Readonly<Record<string, (wire: Wire) => unknown>> = {
  s: textOf,
  i: (wire) => Number(wire),
  b: (wire) => wire !== 0n,
  d: (wire) => {
    const bytes = bytesOf(wire);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return bytes.byteLength === 8 ? view.getFloat64(0, true) : view.getFloat32(0, true);
  },
  y: (wire) => Buffer.from(bytesOf(wire)).toString('base64'),
  time: (wire) => readTime(wire, 19),
  microtime: (wire) => readTime(wire, 26),
  duration: (wire) => `${Number(numberAt(wire, 1)) / 1e9}s`,
  quantity: (wire) => textOf(fieldsOf(wire).get(1) ?? new Uint8Array()),
  intOrString: (wire) => (numberAt(wire, 1) === 1n ? textOf(fieldsOf(wire).get(3) ?? new Uint8Array()) : Number(numberAt(wire, 2))),
  raw: (wire) => {
    const text = textOf(fieldsOf(wire).get(1) ?? new Uint8Array());
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  },
};

function readValue(wire: Wire, type: string, depth: number): unknown {
  if (type.startsWith('m:')) return readMessage(bytesOf(wire), type.slice(2), depth);
  if (type.startsWith('items:'))
    return [...readFields(bytesOf(wire))].map(({ value }) => readValue(value, type.slice('items:['.length), depth));
  const read = READERS[type];
  if (!read) throw new InvalidInputError(`the protobuf type ${type} is not known`);
  return read(wire);
}

function readTime(wire: Wire, length: number): string {
  const seconds = Number(numberAt(wire, 1));
  if (seconds === 0) return '';
  const micros = String(Math.floor(Number(numberAt(wire, 2)) / 1000)).padStart(6, '0');
  return `${`${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}`.slice(0, length)}Z`;
}

function fieldsOf(wire: Wire): Map<number, Wire> {
  return new Map([...readFields(bytesOf(wire))].map(({ number, value }) => [number, value]));
}

function numberAt(wire: Wire, number: number): bigint {
  const value = fieldsOf(wire).get(number);
  return typeof value === 'bigint' ? value : 0n;
}

function textOf(wire: Wire): string {
  return Buffer.from(bytesOf(wire)).toString('utf8');
}

function bytesOf(wire: Wire): Uint8Array {
  if (typeof wire === 'bigint') throw new InvalidInputError('a protobuf field has a number where bytes belong');
  return wire;
}

function isZero(value: unknown): boolean {
  return value === undefined || value === '' || value === 0 || value === false || (isObject(value) && Object.keys(value).length === 0);
}
