import type { ResourceDocument, SecretGrant } from '@flotilla/contracts';
import { type Clock, ConflictError, jsonEqual, UnavailableError } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import { again, type Backoff, backoffMs, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceStore, ResourceTransaction } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { SecretFault } from '../secret-fault.errors.js';
import { decideRefresh, nextRefresh } from './decide-refresh.js';
import type { GrantIndex } from './grant-index.js';
import { type GrantOutcome, withOutcome } from './grant-status.js';
import { type PlanParts, planRead, type ReadPlan } from './plan-read.js';
import { type SecretObject, secretObject } from './secret-object.js';
import type { GrantPlace, GrantRow, ValueStore } from './value.store.js';

export interface ReconcileGrantParts extends PlanParts {
  store: ResourceStore;
  values: ValueStore;
  keyring: Keyring;
  clock: Clock;
  index: GrantIndex;
  logger: Logger;
  /** This copy of the broker. */
  holder: string;
  /** In [0, 1). */
  random: () => number;
  /** How long a copy that died keeps others from reading; longer than a read may take. */
  claimMs?: number;
}

/** All keys of one Secret together. */
const READ_MS = 20_000;
const CLAIM_MS = 30_000;
/** Another copy reads: its result is in the row soon. */
const CLAIMED_MS = 500;
const RETRY: Backoff = { firstMs: 5_000, maxMs: 5 * 60_000 };
/** What only a change on the hub or in Git heals names the grant again; this is for what was missed. */
const UNPLANNED_MS = 60_000;
const ACTOR = { actor: 'service:broker' };
type Status = NonNullable<SecretGrant['status']>;
type Stored = SecretGrant & ResourceDocument;

/** What is sealed as the value of a grant; opening it as another grant's or version's fails. */
export const valueContext = (uid: string, version: string) => ({ purpose: 'secret-value', grant: uid, version });

/** Brings the value of one SecretGrant up to date: read, made, sealed, kept, and its version told in the status. */
export class ReconcileGrant {
  readonly #parts: ReconcileGrantParts;

  constructor(parts: ReconcileGrantParts) {
    this.#parts = parts;
  }

  async run(place: GrantPlace, signal: AbortSignal): Promise<Outcome> {
    const { store, values, index } = this.#parts;
    const grant = await store.get<Stored>({ kind: 'SecretGrant', ...place });
    if (!grant || grant.metadata.deletionTimestamp) {
      await values.remove(place);
      index.forget(place);
      return done;
    }
    const uses = new Set<string>();
    let plan: ReadPlan;
    try {
      plan = await planRead(grant, this.#parts, (dependency) => uses.add(dependency));
    } catch (error) {
      if (!(error instanceof SecretFault)) throw error;
      return await this.#unplanned(grant, place, error);
    } finally {
      index.set(place, uses);
    }
    return this.#refresh(grant, place, plan, signal);
  }

  async #refresh(grant: Stored, place: GrantPlace, plan: ReadPlan, signal: AbortSignal): Promise<Outcome> {
    const { values, clock, holder, claimMs = CLAIM_MS } = this.#parts;
    const uid = grant.metadata.uid!;
    const row = await values.get(place);
    const own = row?.uid === uid ? row : undefined;
    if (own?.blocked !== undefined) await values.block(place, undefined);
    const decision = decideRefresh(own, plan.input, clock.now());
    if ('waitMs' in decision) return this.#settled(grant, own!, plan, decision.waitMs);
    const claimed = await values.claim({ ...place, uid }, holder, claimMs);
    if (!claimed) return again(CLAIMED_MS);
    try {
      const still = decideRefresh(claimed, plan.input, clock.now());
      if ('waitMs' in still) return await this.#settled(grant, claimed, plan, still.waitMs);
      return await this.#read(grant, place, plan, claimed, signal);
    } finally {
      await values.release(place, holder);
    }
  }

  async #read(grant: Stored, place: GrantPlace, plan: ReadPlan, row: GrantRow, signal: AbortSignal): Promise<Outcome> {
    const { keyring } = this.#parts;
    const rotateAt = grant.spec.rotateAt === undefined ? 0 : Date.parse(grant.spec.rotateAt);
    let object: SecretObject;
    try {
      const parts = await plan.read(rotateAt, AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]));
      object = secretObject(parts, grant.spec.target, keyring);
    } catch (error) {
      if (error instanceof SecretFault) return this.#failed(grant, place, plan, row, error);
      // Whatever this is, its message may quote a value.
      throw new UnavailableError(`the value of SecretGrant ${place.namespace}/${place.name} cannot be made: ${(error as Error)?.name}`);
    }
    return this.#kept(grant, place, plan, row, object);
  }

  async #kept(grant: Stored, place: GrantPlace, plan: ReadPlan, row: GrantRow, object: SecretObject): Promise<Outcome> {
    const { keyring, values, clock, holder, logger } = this.#parts;
    const now = clock.now();
    const { text, version } = object;
    const isSame = row.version === version && row.sealed !== undefined && row.since !== undefined;
    const bytes = Buffer.from(text);
    const sealed = isSame ? row.sealed! : keyring.seal(bytes, valueContext(row.uid, version));
    bytes.fill(0);
    const since = isSame ? row.since! : now;
    const nextAt = nextRefresh(plan.rule, plan.phase, now);
    const good = { version, sealed, since, refreshedAt: now, input: plan.input, ...(nextAt === undefined ? {} : { nextAt }) };
    await this.#write(
      grant,
      place,
      (previous) => statusOf(previous, { ...row, ...good, failures: 0 }, plan, now),
      async (tx) => values.keep(tx.sql, place, holder, good),
    );
    logger.info('a secret was read', { kind: 'SecretGrant', namespace: place.namespace, name: place.name, version: version.slice(0, 12) });
    return nextAt === undefined ? done : again(nextAt - now);
  }

  async #failed(grant: Stored, place: GrantPlace, plan: ReadPlan, row: GrantRow, fault: SecretFault): Promise<Outcome> {
    const { values, clock, holder, random, logger } = this.#parts;
    const now = clock.now();
    const failures = row.failures + 1;
    const afterMs = Math.max(backoffMs(RETRY, failures, random()), fault.retryAfterMs ?? 0);
    const failed = { input: plan.input, failures, failingSince: row.failingSince ?? now, nextAt: now + afterMs };
    const facts = plan.store ? { store: plan.store } : {};
    const status = (previous: Status | undefined) => withOutcome(previous, facts, outcomeOf(fault, row, plan.warnings, now));
    await this.#write(grant, place, status, (tx) => values.fail(tx.sql, place, holder, failed));
    logger.warn('a secret could not be read', {
      kind: 'SecretGrant',
      namespace: place.namespace,
      name: place.name,
      code: fault.code,
      reason: fault.message,
      attempt: failures,
    });
    return again(afterMs);
  }

  /** Nothing is read, and the last good value stays what it is; one whose store serves this grant no more is not handed out. */
  async #unplanned(grant: Stored, place: GrantPlace, fault: SecretFault): Promise<Outcome> {
    const { values, clock } = this.#parts;
    const row = await values.get(place);
    if (fault.reason === 'StoreForbidden') await values.block(place, fault.message);
    const now = clock.now();
    await this.#write(grant, place, (previous) => withOutcome(previous, {}, outcomeOf(fault, row, [], now)));
    return again(UNPLANNED_MS);
  }

  /** Nothing to read: a status that speaks of what is over is put right. */
  async #settled(grant: Stored, row: GrantRow, plan: ReadPlan, waitMs: number | undefined): Promise<Outcome> {
    if (row.failures === 0 && row.version !== undefined) {
      const now = this.#parts.clock.now();
      await this.#write(grant, row, (previous) => statusOf(previous, row, plan, now));
    }
    return waitMs === undefined ? done : again(waitMs);
  }

  /** Row and status in one transaction; a grant that is another one by now gets neither. */
  async #write(
    grant: Stored,
    { namespace, name }: GrantPlace,
    next: (previous: Status | undefined) => Status,
    alongside?: (tx: ResourceTransaction) => Promise<void>,
  ): Promise<void> {
    if (!alongside && jsonEqual(grant.status, next(grant.status))) return;
    await this.#parts.store.transaction(ACTOR, async (tx) => {
      const current = await tx.getForUpdate<Stored>({ kind: 'SecretGrant', namespace, name });
      if (current?.metadata.uid !== grant.metadata.uid) throw new ConflictError(`SecretGrant ${namespace}/${name} was replaced`);
      await alongside?.(tx);
      const status = next(current!.status);
      if (!jsonEqual(current!.status, status)) await tx.updateStatus({ ...current!, status });
    });
  }
}

function statusOf(previous: Status | undefined, row: GrantRow, plan: ReadPlan, now: number): Status {
  const facts = {
    version: row.version,
    since: new Date(row.since!).toISOString(),
    refreshedAt: new Date(row.refreshedAt!).toISOString(),
    ...(plan.store ? { store: plan.store } : {}),
  };
  const message = plan.store ? `read from ${plan.store}` : 'opened';
  return withOutcome(previous, facts, { status: 'True', reason: 'Synced', message, warnings: plan.warnings, at: now });
}

function outcomeOf(fault: SecretFault, row: GrantRow | undefined, warnings: readonly string[], at: number): GrantOutcome {
  const kept = row?.refreshedAt === undefined ? '' : `; the value read at ${new Date(row.refreshedAt).toISOString()} is kept`;
  return { status: 'False', reason: fault.reason, message: `${fault.message}${kept}`, warnings, at };
}
