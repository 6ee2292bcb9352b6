import { isObject } from '@flotilla/kernel';

/** A message google.protobuf.Value, in the field names the loader has for it. */
export type ProtoValue =
  | { nullValue: 0 }
  | { boolValue: boolean }
  | { numberValue: number }
  | { stringValue: string }
  | { listValue: { values: ProtoValue[] } }
  | { structValue: ProtoStruct };

/** A message google.protobuf.Struct. */
export interface ProtoStruct {
  fields: Record<string, ProtoValue>;
}

export function protoStruct(object: object): ProtoStruct {
  const written = Object.entries(object).filter(([, value]) => value !== undefined);
  return { fields: Object.fromEntries(written.map(([key, value]) => [key, protoValue(value)])) };
}

/** A value as JSON has it. */
export function protoValue(value: unknown): ProtoValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(protoValue) } };
  return isObject(value) ? { structValue: protoStruct(value) } : { nullValue: 0 };
}
