import { InvalidInputError, isObject } from '@flotilla/kernel';
import { ownMember } from '../schema/own-member.js';
import { PATCH_DIRECTIVE } from './strategic-directives.js';

type Members = Record<string, unknown>;

function identityOf(item: unknown, mergeKey: string | undefined): unknown {
  return mergeKey !== undefined && isObject(item) ? ownMember(item, mergeKey) : item;
}

function keyOf(item: Members, mergeKey: string): unknown {
  const key = ownMember(item, mergeKey);
  if (key === undefined) {
    throw new InvalidInputError(
      `the strategic merge patch is invalid: map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      {
        mergeKey,
      },
    );
  }
  return key;
}

/** Where each identity first stands in a list. */
function placesIn(list: readonly unknown[], mergeKey: string | undefined): (item: unknown) => number | undefined {
  const places = new Map<unknown, number>();
  list.forEach((item, i) => {
    const identity = identityOf(item, mergeKey);
    if (!places.has(identity)) places.set(identity, i);
  });
  return (item) => places.get(identityOf(item, mergeKey));
}

/** Items without a place stay where they are relative to their neighbours. */
function byPlace(placeOf: (item: unknown) => number | undefined): (a: unknown, b: unknown) => number {
  return (a, b) => {
    const [placeA, placeB] = [placeOf(a), placeOf(b)];
    return placeA === undefined || placeB === undefined ? 0 : placeA - placeB;
  };
}

/** Interleaves items of the live list only with those of the patch: the patch's order wins, then the order the live list had. */
function interleave(
  serverOnly: readonly unknown[],
  patched: readonly unknown[],
  placeOf: (item: unknown) => number | undefined,
): unknown[] {
  const out: unknown[] = [];
  let [s, p] = [0, 0];
  while (s < serverOnly.length || p < patched.length) {
    const mine = s < serverOnly.length ? placeOf(serverOnly[s]) : undefined;
    const theirs = p < patched.length ? placeOf(patched[p]) : undefined;
    const isMineFirst = p >= patched.length || (mine !== undefined && theirs !== undefined && mine < theirs);
    out.push(isMineFirst ? serverOnly[s++] : patched[p++]);
  }
  return out;
}

/** Sorts a merged list by an order that the patch states; what the order does not name keeps its place relative to the live list. */
export function orderList(
  merged: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const [orderPlace, livePlace] = [placesIn(order, mergeKey), placesIn(live, mergeKey)];
  const named = merged.filter((item) => orderPlace(item) !== undefined).sort(byPlace(orderPlace));
  const others = merged.filter((item) => orderPlace(item) === undefined).sort(byPlace(livePlace));
  return interleave(others, named, livePlace);
}

export function mergeScalars(live: readonly unknown[], change: readonly unknown[]): unknown[] {
  return orderList([...new Set([...live, ...change])], change, live, undefined);
}

export function deleteScalars(live: readonly unknown[], gone: readonly unknown[]): unknown[] {
  return live.filter((item) => !gone.includes(item));
}

/** Merges lists of objects by their key; items may carry `$patch: delete` or, once for the whole list, `$patch: replace`. */
export function mergeItems(
  live: readonly Members[],
  change: readonly Members[],
  mergeKey: string,
  merge: (before: Members, after: Members) => Members,
): unknown[] {
  const plain = change.filter((item) => !Object.hasOwn(item, PATCH_DIRECTIVE));
  let base = [...live];
  for (const item of change) {
    const directive = ownMember(item, PATCH_DIRECTIVE);
    if (directive === 'delete') {
      const key = keyOf(item, mergeKey);
      base = base.filter((other) => ownMember(other, mergeKey) !== key);
    } else if (directive === 'replace') {
      return plain;
    } else if (directive !== undefined) {
      throw new InvalidInputError(`the strategic merge patch is invalid: ${PATCH_DIRECTIVE} ${JSON.stringify(directive)} in a list`, {
        directive,
      });
    }
  }
  for (const item of plain) {
    const key = keyOf(item, mergeKey);
    const index = base.findIndex((other) => ownMember(other, mergeKey) === key);
    if (index < 0) base.push(merge({}, item));
    else base[index] = merge(base[index]!, item);
  }
  return orderList(base, plain, live, mergeKey);
}
