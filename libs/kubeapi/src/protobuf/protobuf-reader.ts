import { InvalidInputError } from '@flotilla/kernel';

/** One field as it stands on the wire. */
export interface WireField {
  number: number;
  /** A varint or fixed number, or the bytes of a length-delimited field. */
  value: bigint | Uint8Array;
}

const MAX_VARINT_BYTES = 10;

/** Reads the fields of a protobuf message, in order. @throws InvalidInputError when the bytes are none */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) yield reader.field();
}

/** The varints of a packed repeated field. */
export function readPacked(bytes: Uint8Array): bigint[] {
  const reader = new Reader(bytes);
  const values: bigint[] = [];
  while (!reader.isAtEnd) values.push(reader.varint());
  return values;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  field(): WireField {
    const tag = Number(this.varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        return { number, value: this.varint() };
      case 1:
        return { number, value: this.#take(8) };
      case 2:
        return { number, value: this.#take(Number(this.varint())) };
      case 5:
        return { number, value: this.#take(4) };
      default:
        throw new InvalidInputError(`protobuf wire type ${tag & 7} is not known`);
    }
  }

  varint(): bigint {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new InvalidInputError('a protobuf number does not end');
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new InvalidInputError('a protobuf field is longer than its message');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
