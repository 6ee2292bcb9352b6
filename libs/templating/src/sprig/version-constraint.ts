import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import { parseVersion, Version } from './version.js';

const MAX_CONSTRAINT_LENGTH = 512;
const MAX_GROUPS = 32;
const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const PART = '[0-9|xX*]+';
const PATTERN = `v?(${PART})(?:\\.(${PART}))?(?:\\.(${PART}))?(-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?`;
const OPERATORS = '!=|>=|=>|<=|=<|~>|[=<>~^]|';
/** One condition with the blanks and comma before it. */
const CONDITION = new RegExp(`(?:^\\s*|\\s+|,\\s*|\\s*,\\s*)(${OPERATORS})\\s*${PATTERN}(?=$|[\\s,])`, 'y');
const RANGE = /(v?[0-9xX*][0-9A-Za-z.*+-]*)\s+-\s+(v?[0-9xX*][0-9A-Za-z.*+-]*)/g;

/** One condition of a constraint, `>= 1.2.x`; what is absent or x counts as open. */
interface Condition {
  operator: string;
  version: Version;
  openMinor: boolean;
  openPatch: boolean;
  isOpen: boolean;
}

/** Whether a version meets a constraint of Masterminds/semver 3: `,` or a blank joins by and, `||` by or. */
export function satisfies(constraint: string, version: Version): boolean {
  if (constraint.length > MAX_CONSTRAINT_LENGTH) {
    throw new CallError(`constraint string is too long (max ${MAX_CONSTRAINT_LENGTH} bytes)`);
  }
  const groups = constraint.replace(RANGE, '>= $1, <= $2').split('||');
  if (groups.length > MAX_GROUPS) throw new CallError(`too many constraint groups (max ${MAX_GROUPS})`);
  return groups.map(readGroup).some((conditions) => {
    const allowsPrerelease = conditions.some((condition) => condition.version.prerelease !== '');
    if (version.prerelease !== '' && !allowsPrerelease) return false;
    return conditions.every((condition) => holds(condition, version));
  });
}

function readGroup(text: string): Condition[] {
  const conditions: Condition[] = [];
  CONDITION.lastIndex = 0;
  while (CONDITION.lastIndex < text.trimEnd().length) {
    const match = CONDITION.exec(text.trimEnd());
    if (!match) throw new CallError(`improper constraint: ${JSON.stringify(text)}`);
    conditions.push(readCondition(match, text));
  }
  if (conditions.length === 0) throw new CallError(`improper constraint: ${JSON.stringify(text)}`);
  return conditions;
}

const isOpenPart = (part: string | undefined): boolean => part === undefined || /^[xX*]$/.test(part);

function readCondition(match: RegExpExecArray, text: string): Condition {
  const [, operator = '', major, minor, patch, prerelease = ''] = match;
  const openMajor = isOpenPart(major);
  const openMinor = !openMajor && isOpenPart(minor);
  const openPatch = !openMajor && !openMinor && isOpenPart(patch);
  const isOpen = openMajor || openMinor || openPatch;
  const numbers = openMajor ? '0.0.0' : openMinor ? `${major}.0.0` : `${major}.${minor}.${openPatch ? '0' : patch}`;
  if (!/^\d+\.\d+\.\d+$/.test(numbers)) throw new CallError(`improper constraint: ${JSON.stringify(text)}`);
  return { operator, version: parseVersion(numbers + prerelease), openMinor, openPatch, isOpen };
}

function holds(condition: Condition, version: Version): boolean {
  const { version: bound, openMinor, openPatch, isOpen } = condition;
  const order = version.compare(bound);
  switch (condition.operator) {
    case '!=':
      return isOpen ? differsOpenly(condition, version) : order !== 0;
    case '>':
      if (!isOpen) return order > 0;
      if (version.major !== bound.major) return version.major > bound.major;
      return !openMinor && (openPatch ? version.minor > bound.minor : order > 0);
    case '<':
      return order < 0;
    case '>=':
    case '=>':
      return order >= 0;
    case '<=':
    case '=<':
      if (!isOpen) return order <= 0;
      return version.major < bound.major || (version.major === bound.major && (openMinor || version.minor <= bound.minor));
    case '^':
      return order >= 0 && caret(condition, version);
    case '~':
    case '~>':
      return order >= 0 && tilde(condition, version);
    default:
      return isOpen ? order >= 0 && tilde(condition, version) : order === 0;
  }
}

function differsOpenly({ version: bound, openMinor, openPatch }: Condition, version: Version): boolean {
  if (bound.major !== version.major) return true;
  if (openMinor) return false;
  if (bound.minor !== version.minor) return true;
  if (!openPatch) return bound.patch !== version.patch || bound.prerelease !== version.prerelease;
  return version.prerelease !== bound.prerelease;
}

function tilde({ version: bound, openMinor, openPatch }: Condition, version: Version): boolean {
  if (bound.major === 0n && bound.minor === 0n && bound.patch === 0n && !openMinor && !openPatch) return true;
  return version.major === bound.major && (openMinor || version.minor === bound.minor);
}

/** The leftmost number that is not zero must stay. */
function caret({ version: bound, openMinor, openPatch }: Condition, version: Version): boolean {
  if (version.major !== bound.major) return false;
  if (bound.major > 0n || openMinor) return true;
  if (version.minor !== bound.minor) return false;
  return bound.minor > 0n || openPatch || version.patch === bound.patch;
}

export const versionFunctions: FunctionTable = {
  semver: defineFunction(['string'], (_, text) => parseVersion(text)),
  semverCompare: defineFunction(['string', 'string'], ({ budget }, constraint, text) => {
    budget.step(20 + 2 * constraint.length);
    // The constraint is read first: its error is the one Go reports.
    satisfies(constraint, new Version([0n, 0n, 0n]));
    return satisfies(constraint, parseVersion(text));
  }),
};
