import { expect, test } from 'vitest';
import { decodeProtobuf } from './decode-protobuf.js';

const text = (number: number, value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
};
const number = (field: number, value: number): Buffer => Buffer.from([field << 3, value]);
const envelope = (apiVersion: string, kind: string, raw: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('k8s\0'), text(1, Buffer.concat([text(1, apiVersion), text(2, kind)])), text(2, raw)]);

test('maps, empty members and names are read as their JSON', () => {
  const entry = (key: string, value: string): Buffer => text(2, Buffer.concat([text(1, key), text(2, value)]));
  const metadata = text(1, Buffer.concat([text(1, 'web'), text(2, ''), text(8, '')]));
  const raw = Buffer.concat([metadata, entry('a', '1'), entry('b', '')]);
  expect(decodeProtobuf(envelope('v1', 'ConfigMap', raw))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web' },
    data: { a: '1', b: '' },
  });
});

test('a pointer keeps its zero, and a negative number its sign', () => {
  const negative = Buffer.from([(1 << 3) | 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
  expect(decodeProtobuf(envelope('apps/v1', 'Deployment', text(2, number(1, 0))))).toMatchObject({ spec: { replicas: 0 } });
  expect(decodeProtobuf(envelope('apps/v1', 'Deployment', text(2, negative)))).toMatchObject({ spec: { replicas: -1 } });
});

test.each([
  ['no envelope', Buffer.from('{}')],
  ['an unknown kind', envelope('demo.dev/v1', 'Widget', Buffer.alloc(0))],
  ['a field longer than its message', envelope('v1', 'ConfigMap', Buffer.from([(1 << 3) | 2, 100]))],
  ['a number without an end', envelope('v1', 'ConfigMap', Buffer.from([(2 << 3) | 0, 0xff]))],
  ['a wire type that is none', envelope('v1', 'ConfigMap', Buffer.from([(2 << 3) | 7]))],
])('%s is refused', (_, bytes) => {
  expect(() => decodeProtobuf(bytes)).toThrow();
});
