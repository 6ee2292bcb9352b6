import { CallError, defineFunction } from '../execute/define-function.js';
import { GoInt, GoStruct, type GoValue, int } from '../values/go-value.js';

const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const LOOSE = new RegExp(`^v?(\\d+)(?:\\.(\\d+))?(?:\\.(\\d+))?(?:-(${IDENTIFIERS}))?(?:\\+(${IDENTIFIERS}))?$`);
const MAX_VERSION_LENGTH = 256;

/** A version as Masterminds/semver 3 reads it: minor and patch may be absent, a `v` may stand before. */
export class Version extends GoStruct {
  readonly goType = '*semver.Version';
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
  readonly original: string;

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease = '', metadata = '', original = '') {
    super();
    [this.major, this.minor, this.patch] = numbers;
    this.prerelease = prerelease;
    this.metadata = metadata;
    this.original = original === '' ? this.text() : original;
  }

  text(): string {
    const suffix = `${this.prerelease === '' ? '' : `-${this.prerelease}`}${this.metadata === '' ? '' : `+${this.metadata}`}`;
    return `${this.major}.${this.minor}.${this.patch}${suffix}`;
  }

  json(): string {
    return this.text();
  }

  member(name: string): GoValue {
    return MEMBERS.get(name)?.(this);
  }

  /** -1, 0 or 1; metadata does not count. */
  compare(other: Version): -1 | 0 | 1 {
    for (const part of ['major', 'minor', 'patch'] as const) {
      if (this[part] !== other[part]) return this[part] < other[part] ? -1 : 1;
    }
    return comparePrerelease(this.prerelease, other.prerelease);
  }

  increment(part: 'major' | 'minor' | 'patch'): Version {
    const prefix = this.original.startsWith('v') ? 'v' : '';
    const make = (...numbers: [bigint, bigint, bigint]) => new Version(numbers, '', '', prefix + numbers.join('.'));
    if (part === 'major') return make(this.major + 1n, 0n, 0n);
    if (part === 'minor') return make(this.major, this.minor + 1n, 0n);
    // A prerelease of a patch becomes that patch.
    return make(this.major, this.minor, this.prerelease === '' ? this.patch + 1n : this.patch);
  }
}

const number = (value: bigint): GoInt => new GoInt('uint64', value);
const method = (body: () => GoValue): GoValue => defineFunction([], body);
const against = (body: (order: number) => GoValue) => (version: Version) =>
  defineFunction(['any'], (_, other) => {
    if (!(other instanceof Version)) throw new CallError('wrong type for value; expected *semver.Version');
    return body(version.compare(other));
  });

const MEMBERS: ReadonlyMap<string, (version: Version) => GoValue> = new Map<string, (version: Version) => GoValue>([
  ['Major', (version) => method(() => number(version.major))],
  ['Minor', (version) => method(() => number(version.minor))],
  ['Patch', (version) => method(() => number(version.patch))],
  ['Prerelease', (version) => method(() => version.prerelease)],
  ['Metadata', (version) => method(() => version.metadata)],
  ['Original', (version) => method(() => version.original)],
  ['String', (version) => method(() => version.text())],
  ['IncMajor', (version) => method(() => version.increment('major'))],
  ['IncMinor', (version) => method(() => version.increment('minor'))],
  ['IncPatch', (version) => method(() => version.increment('patch'))],
  ['Compare', against((order) => int(order))],
  ['Equal', against((order) => order === 0)],
  ['LessThan', against((order) => order < 0)],
  ['GreaterThan', against((order) => order > 0)],
  ['LessThanEqual', against((order) => order <= 0)],
  ['GreaterThanEqual', against((order) => order >= 0)],
]);

/** @throws CallError in the library's words */
export function parseVersion(text: string): Version {
  if (text.length > MAX_VERSION_LENGTH) throw new CallError(`version string is too long (max ${MAX_VERSION_LENGTH} bytes)`);
  const [, major, minor = '0', patch = '0', prerelease = '', metadata = ''] = LOOSE.exec(text) ?? [];
  if (major === undefined) throw new CallError('invalid semantic version');
  if (prerelease.split('.').some((part) => /^0\d+$/.test(part))) throw new CallError('version segment starts with 0');
  return new Version([BigInt(major), BigInt(minor), BigInt(patch)], prerelease, metadata, text);
}

function comparePrerelease(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers order as numbers and before words; a missing part comes first. */
function comparePart(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? -1 : 1;
  const [isLeft, isRight] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isLeft && isRight) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isLeft !== isRight) return isLeft ? -1 : 1;
  return a < b ? -1 : 1;
}
