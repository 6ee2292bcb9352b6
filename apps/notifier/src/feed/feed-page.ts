import type { SubjectKind } from '@flotilla/admission';
import type { ResourceDocument } from '@flotilla/contracts';
import type { SqlRunner } from '@flotilla/persistence';
import { type EventRow, insertEvents, insertIntents } from '../deliveries/insert-intents.pg.js';
import { intentId, orderKeyOf, ruleOf } from '../deliveries/intent.js';
import type { Settings } from '../settings/live-settings.js';
import { findDestinations } from '../subscriptions/find-destinations.js';
import { evaluateTriggers, type Firing } from '../triggers/evaluate-triggers.js';
import { isSettled } from '../triggers/is-settled.js';
import type { SubjectLoader } from '../triggers/load-subject.js';
import {
  conditionVariables,
  dataOf,
  groupOf,
  labelsOf,
  phaseOf,
  type Subject,
  subscriptionsOf,
  withDeletion,
} from '../triggers/subject.js';
import { type Candidate, holdStorms } from './hold-storms.js';
import {
  type Deferred,
  forgetDocuments,
  type MemoryChange,
  readMemories,
  remember,
  writeDeferred,
  writeMemories,
} from './states.store.pg.js';

/** A document that changed, or is looked at again. */
export interface FeedEntry {
  document: ResourceDocument;
  resourceVersion: string;
  isDeleted: boolean;
}

export interface FeedLimits {
  /** Messages of one rule per minute. */
  stormLimit: number;
  /** Messages of one service that wait. */
  maxBacklog: number;
}

export interface FeedPage {
  kind: SubjectKind;
  entries: readonly FeedEntry[];
  settings: Settings;
  loader: SubjectLoader;
  now: Date;
  limits: FeedLimits;
  /** `baseline`: remembers what is so and says nothing; `anyway`: does not wait until an application's state is newer than its operation. */
  mode: 'changes' | 'baseline' | 'anyway';
}

/** How long an application's state may stay older than the end of its operation before it is taken as it is. */
const SETTLE_MS = 60_000;

export interface FeedResult {
  intents: number;
  problems: string[];
}

/** Evaluates entries in order and writes what they remember and what is to be sent, in the caller's transaction. */
export async function feedPage(sql: SqlRunner, page: FeedPage): Promise<FeedResult> {
  const { entries, kind, now, limits, mode } = page;
  const memories = await readMemories(
    sql,
    entries.map(({ document }) => document.metadata.uid ?? ''),
  );
  const changes: MemoryChange[] = [];
  const events = new Map<string, EventRow>();
  const candidates: Candidate[] = [];
  const deferred: Deferred[] = [];
  const problems = new Set<string>();
  for (const entry of entries) {
    const { name, namespace = '', uid = '' } = entry.document.metadata;
    if (kind === 'Application' && mode === 'changes' && !entry.isDeleted && !isSettled(entry.document)) {
      deferred.push({ kind, namespace, name, uid });
      continue;
    }
    const memory = memories.get(uid)!;
    const { subject, evaluation, data, phase } = await evaluate(entry, page, memory);
    for (const problem of evaluation.problems) problems.add(problem);
    const surplus = remember(memory, evaluation.set, evaluation.cleared);
    const hasMoved = phase !== undefined && phase !== memory.phase;
    if (evaluation.set.length + evaluation.cleared.length + surplus.length > 0 || hasMoved) {
      changes.push({ uid, set: evaluation.set, cleared: [...evaluation.cleared, ...surplus], ...(hasMoved ? { phase } : {}) });
    }
    if (hasMoved) memory.phase = phase;
    if (mode === 'baseline' || evaluation.fired.length === 0) continue;
    const event: EventRow = { id: `${kind}/${uid}@${entry.resourceVersion}`, kind, namespace, name, variables: data };
    events.set(event.id, event);
    for (const firing of evaluation.fired) candidates.push(...candidatesOf(firing, event, subject, page));
  }
  await writeInOrder(sql, changes, now);
  const gone = entries.filter(({ isDeleted }) => isDeleted).map(({ document }) => document.metadata.uid ?? '');
  await forgetDocuments(sql, gone);
  const waiting = new Set(deferred.map(({ uid }) => uid));
  const settled = [...memories.keys()].filter((uid) => !waiting.has(uid));
  if (kind === 'Application') await writeDeferred(sql, deferred, settled, new Date(now.getTime() + SETTLE_MS));
  const intents = await holdStorms(sql, candidates, limits.stormLimit, now);
  await insertEvents(sql, [...events.values()], now);
  return { intents: await insertIntents(sql, intents, limits.maxBacklog, now), problems: [...problems] };
}

async function evaluate(
  entry: FeedEntry,
  { kind, settings, loader, now }: FeedPage,
  memory: { states: ReadonlySet<string>; phase: string | undefined },
) {
  const document = entry.isDeleted ? withDeletion(entry.document, now.toISOString()) : entry.document;
  const { resourceVersion, isDeleted } = entry;
  const subject = await loader.load(kind, document, { resourceVersion, isDeleted });
  const destinations = findDestinations(settings.config, subscriptionsOf(subject), labelsOf(subject));
  const data = destinations.size === 0 ? {} : dataOf(subject, memory.phase);
  const clock = (): number => now.getTime();
  const evaluation = evaluateTriggers({
    config: settings.config,
    kind,
    destinations,
    variables: conditionVariables(data, settings.config.context, clock),
    states: memory.states,
    now: clock,
  });
  return { subject, evaluation, data, phase: phaseOf(subject) };
}

function candidatesOf(
  { trigger, templates, destination, stateKey }: Firing,
  event: EventRow,
  subject: Subject,
  page: FeedPage,
): Candidate[] {
  const { service, recipient } = destination;
  const groupKey = groupOf(subject);
  const { config } = page.settings;
  const isForMachine = config.services.get(service)?.type === 'webhook';
  return templates.map((template) => ({
    name: event.name,
    isForMachine,
    intent: {
      id: intentId(event.id, { stateKey }, template),
      type: 'message',
      event: event.id,
      trigger,
      template,
      service,
      recipient,
      rule: ruleOf(trigger, service, recipient),
      orderKey: orderKeyOf(service, recipient, groupKey ?? event.id.slice(0, event.id.indexOf('@'))),
      ...(groupKey === undefined ? {} : { groupKey, updateKey: groupKey }),
      dueAt: page.now,
    },
  }));
}

/** A key may be set and cleared and set again within a page: each document's changes are folded into their last word. */
async function writeInOrder(sql: SqlRunner, changes: readonly MemoryChange[], now: Date): Promise<void> {
  const last = new Map<string, { uid: string; words: Map<string, boolean>; phase?: string }>();
  for (const { uid, set, cleared, phase } of changes) {
    const known = last.get(uid) ?? { uid, words: new Map<string, boolean>() };
    for (const key of cleared) known.words.set(key, false);
    for (const key of set) known.words.set(key, true);
    last.set(uid, { ...known, ...(phase === undefined ? {} : { phase }) });
  }
  const folded = [...last.values()].map(({ uid, words, phase }) => ({
    uid,
    set: [...words].filter(([, isSet]) => isSet).map(([key]) => key),
    cleared: [...words].filter(([, isSet]) => !isSet).map(([key]) => key),
    ...(phase === undefined ? {} : { phase }),
  }));
  await writeMemories(sql, folded, now);
}
