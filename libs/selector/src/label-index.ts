import { meetsRequirement } from './matches-selector.js';
import type { Requirement } from './requirement.js';
import { countBits, eachSlot, SlotSet } from './slot-set.js';

interface Slot<Member> {
  name: string;
  labels: ReadonlyMap<string, string>;
  member: Member;
}

/** Slots that carry a label, whatever its value, and by value. */
interface Postings {
  all: SlotSet;
  byValue: Map<string, SlotSet>;
}

/**
 * Members with labels, of which selectors pick by ANDing bitmaps instead of reading every member's labels. The answer is what
 * `matchesSelector` says of each member.
 *
 * Memory: per member its labels and at most eight bytes for each of them; per different key and per different value some hundred
 * bytes. A member that goes gives its slot to the next one that comes, so that churn costs nothing.
 */
export class LabelIndex<Member> {
  readonly #bySlot: (Slot<Member> | undefined)[] = [];
  readonly #slotOf = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #postings = new Map<string, Postings>();
  readonly #live = new SlotSet();
  /** Slots by name; sorted when somebody asks. */
  #order: number[] = [];
  #isSorted = true;
  /** Whether slots are in name order by themselves, as they are after members came in that order. */
  #areSlotsInOrder = true;

  get size(): number {
    return this.#slotOf.size;
  }

  get(name: string): Member | undefined {
    const slot = this.#slotOf.get(name);
    return slot === undefined ? undefined : this.#bySlot[slot]?.member;
  }

  /** Adds a member, or replaces the one of that name; only labels that changed are touched. */
  put(name: string, labels: Readonly<Record<string, string>>, member: Member): void {
    const next = new Map(Object.entries(labels));
    const slot = this.#slotOf.get(name) ?? this.#occupy(name);
    const before = this.#bySlot[slot]?.labels ?? new Map<string, string>();
    for (const [key, value] of before) if (next.get(key) !== value) this.#unpost(slot, key, value, !next.has(key));
    for (const [key, value] of next) if (before.get(key) !== value) this.#post(slot, key, value, !before.has(key));
    this.#bySlot[slot] = { name, labels: next, member };
  }

  /** @returns whether there was one */
  delete(name: string): boolean {
    const slot = this.#slotOf.get(name);
    if (slot === undefined) return false;
    for (const [key, value] of this.#bySlot[slot]!.labels) this.#unpost(slot, key, value, true);
    this.#bySlot[slot] = undefined;
    this.#slotOf.delete(name);
    this.#live.delete(slot);
    this.#order.splice(this.#order.indexOf(slot), 1);
    this.#free.push(slot);
    return true;
  }

  /** The members that meet every requirement, in the order of their names' code units. */
  select(requirements: readonly Requirement[]): Member[] {
    const selected = this.#decide(requirements);
    this.#sort();
    const members: Member[] = [];
    const take = (slot: number): void => void members.push(this.#bySlot[slot]!.member);
    if (this.#areSlotsInOrder) eachSlot(selected, take);
    else for (const slot of this.#order) if ((selected[slot >>> 5]! >>> (slot & 31)) & 1) take(slot);
    return members;
  }

  /** How many members meet every requirement. */
  count(requirements: readonly Requirement[]): number {
    return requirements.length === 0 ? this.size : countBits(this.#decide(requirements));
  }

  #decide(requirements: readonly Requirement[]): Uint32Array {
    const selected = new Uint32Array((this.#bySlot.length + 31) >>> 5);
    this.#live.addTo(selected);
    for (const requirement of requirements) this.#narrow(selected, requirement);
    return selected;
  }

  #narrow(selected: Uint32Array, requirement: Requirement): void {
    const { key, operator, values } = requirement;
    const postings = this.#postings.get(key);
    switch (operator) {
      case 'NotIn':
        for (const value of new Set(values)) postings?.byValue.get(value)?.takeFrom(selected);
        break;
      case 'DoesNotExist':
        postings?.all.takeFrom(selected);
        break;
      case 'Exists':
        keepAny(selected, postings ? [postings.all] : []);
        break;
      case 'In':
        keepAny(
          selected,
          values.map((value) => postings?.byValue.get(value)).filter((slots) => slots !== undefined),
        );
        break;
      case 'Gt':
      case 'Lt':
        keepAny(
          selected,
          [...(postings?.byValue ?? [])].flatMap(([value, slots]) => (meetsRequirement(requirement, value) ? [slots] : [])),
        );
        break;
    }
  }

  #occupy(name: string): number {
    const slot = this.#free.pop() ?? this.#bySlot.length;
    this.#bySlot[slot] = undefined;
    this.#slotOf.set(name, slot);
    this.#live.add(slot);
    this.#order.push(slot);
    this.#isSorted = false;
    return slot;
  }

  #post(slot: number, key: string, value: string, isNewKey: boolean): void {
    const postings = this.#postings.get(key) ?? { all: new SlotSet(), byValue: new Map<string, SlotSet>() };
    this.#postings.set(key, postings);
    if (isNewKey) postings.all.add(slot);
    const slots = postings.byValue.get(value) ?? new SlotSet();
    postings.byValue.set(value, slots);
    slots.add(slot);
  }

  #unpost(slot: number, key: string, value: string, isKeyGone: boolean): void {
    const postings = this.#postings.get(key)!;
    const slots = postings.byValue.get(value)!;
    slots.delete(slot);
    if (slots.size === 0) postings.byValue.delete(value);
    if (isKeyGone) postings.all.delete(slot);
    if (postings.all.size === 0) this.#postings.delete(key);
  }

  #sort(): void {
    if (this.#isSorted) return;
    const nameOf = (slot: number): string => this.#bySlot[slot]!.name;
    this.#order = this.#order.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    this.#isSorted = true;
    this.#areSlotsInOrder = this.#order.every((slot, i) => i === 0 || this.#order[i - 1]! < slot);
  }
}

/** Leaves in a bitmap what is in any of the sets. */
function keepAny(selected: Uint32Array, sets: readonly SlotSet[]): void {
  const [first, ...others] = sets;
  if (!first) selected.fill(0);
  else if (others.length === 0) first.keepIn(selected);
  else {
    const any = new Uint32Array(selected.length);
    for (const slots of sets) slots.addTo(any);
    for (let i = 0; i < selected.length; i++) selected[i]! &= any[i]!;
  }
}
