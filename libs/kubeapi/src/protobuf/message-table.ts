import { existsSync, readFileSync } from 'node:fs';
import { NotFoundError } from '@flotilla/kernel';

/** `[number, JSON name ('' for members of the parent itself), type, 1 for a pointer]` */
export type MessageField = readonly [number: number, name: string, type: string, isPointer: 0 | 1];

export interface MessageTable {
  /** Message by `apiVersion kind`. */
  kinds: Readonly<Record<string, string>>;
  messages: Readonly<Record<string, readonly MessageField[]>>;
}

const FILE = 'protobuf/generated/kubernetes-1.36.json';
let table: MessageTable | undefined;

/** The protobuf messages of the built-in kinds, taken from the Go types by `protobuf/generate.mjs`; read when first needed. */
export function messageTable(): MessageTable {
  table ??= JSON.parse(readFileSync(tableFile(), 'utf8')) as MessageTable;
  return table;
}

/** The package's folder is two levels up in the sources, three in the build. */
function tableFile(): URL {
  const found = ['../..', '../../..'].map((up) => new URL(`${up}/${FILE}`, import.meta.url)).find((url) => existsSync(url));
  if (!found) throw new NotFoundError(`the protobuf messages (${FILE}) are not installed with @flotilla/kubeapi; reinstall it`, { FILE });
  return found;
}
