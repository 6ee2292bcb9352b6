import { type ResolveReply, type ResolveRequest, resolveReplySchema, sourcesOf } from '@flotilla/contracts';
import type { MessageBus } from '@flotilla/messaging';
import type { FleetApplication, FleetStore, GitSourceRow } from '../fleet/fleet.store.js';
import { refOf } from '../fleet/source-ref.js';
import type { Problem } from './problem.js';

/** Commits by `repository\nref`. */
export type Revisions = Record<string, string>;
export const revisionKey = (source: { repoURL: string; targetRevision?: string }): string => `${source.repoURL}\n${refOf(source)}`;

export interface Pinned {
  /** Per application uid, one commit per source, in order. */
  commits: Map<string, string[]>;
  revisions: Revisions;
  problems: Problem[];
  traceparent?: string;
}

const MAX_REFS = 500;
/** A repository never seen before has to be cloned first. */
const RESOLVE_TIMEOUT_MS = 60_000;

/** Fixes the commit of every source: the newest the renderer's GitSource documents name, or what it resolves on demand. */
export class PinCommits {
  readonly #fleet: FleetStore;
  readonly #bus: MessageBus;

  constructor(fleet: FleetStore, bus: MessageBus) {
    this.#fleet = fleet;
    this.#bus = bus;
  }

  /** @param given commits that win over the newest ones, as a release or a plan names them */
  async pin(applications: readonly FleetApplication[], given: Revisions = {}): Promise<Pinned> {
    const wanted = new Map<string, { repoURL: string; ref: string; project: string }>();
    for (const { document } of applications) {
      for (const source of sourcesOf(document.spec)) {
        wanted.set(revisionKey(source), { repoURL: source.repoURL, ref: refOf(source), project: document.spec.project });
      }
    }
    const revisions = new Map(Object.entries(given).filter(([key]) => wanted.has(key)));
    const known = await this.#fleet.revisions([...wanted].filter(([key]) => !revisions.has(key)).map(([, ref]) => ref));
    for (const { repoURL, ref, revision } of known) revisions.set(`${repoURL}\n${ref}`, revision);
    const faults = await this.#resolve(wanted, revisions);
    const { commits, problems } = commitsOf(applications, revisions, faults);
    return {
      commits,
      problems: [...problems, ...staleOf(applications, known)],
      revisions: Object.fromEntries(revisions),
      traceparent: known.find(({ traceparent }) => traceparent)?.traceparent,
    };
  }

  async #resolve(
    wanted: ReadonlyMap<string, ResolveRequest['refs'][number]>,
    revisions: Map<string, string>,
  ): Promise<Map<string, { message: string; isPassing: boolean }>> {
    const faults = new Map<string, { message: string; isPassing: boolean }>();
    const absent = [...wanted].filter(([key]) => !revisions.has(key)).map(([, ref]) => ref);
    for (let i = 0; i < absent.length; i += MAX_REFS) {
      const reply: ResolveReply = await this.#bus.ask(
        'renderer',
        'resolve',
        { refs: absent.slice(i, i + MAX_REFS) },
        {
          timeoutMs: RESOLVE_TIMEOUT_MS,
          reply: resolveReplySchema,
        },
      );
      for (const found of reply.refs) {
        const key = `${found.repoURL}\n${found.ref}`;
        if ('commit' in found) revisions.set(key, found.commit);
        else faults.set(key, { message: found.error.message, isPassing: found.error.retry === 'later' });
      }
    }
    return faults;
  }
}

function commitsOf(
  applications: readonly FleetApplication[],
  revisions: ReadonlyMap<string, string>,
  faults: ReadonlyMap<string, { message: string; isPassing: boolean }>,
): { commits: Map<string, string[]>; problems: Problem[] } {
  const commits = new Map<string, string[]>();
  const problems: Problem[] = [];
  for (const { uid, document } of applications) {
    const sources = sourcesOf(document.spec);
    const missing = sources.find((source) => !revisions.has(revisionKey(source)));
    if (sources.length === 0) {
      problems.push({ uid, type: 'InvalidSpecError', message: 'spec has neither source nor sources; give one of them', isHolding: true });
    } else if (missing) {
      const fault = faults.get(revisionKey(missing));
      const message = `${missing.repoURL} at ${refOf(missing)}: ${fault?.message ?? 'the renderer names no commit'}`;
      problems.push({ uid, type: 'ComparisonError', message, isHolding: true, isPassing: fault?.isPassing ?? true });
    } else {
      commits.set(
        uid,
        sources.map((source) => revisions.get(revisionKey(source))!),
      );
    }
  }
  return { commits, problems };
}

/** The last known commit stays in force while Git does not answer; whether it is still the newest, nobody can say. */
function staleOf(applications: readonly FleetApplication[], known: readonly GitSourceRow[]): Problem[] {
  const faults = new Map<string, string>(
    known.flatMap(({ repoURL, ref, fault }) => (fault ? [[`${repoURL}\n${ref}`, fault] as const] : [])),
  );
  return applications.flatMap(({ uid, document }) => {
    const source = sourcesOf(document.spec).find((candidate) => faults.has(revisionKey(candidate)));
    if (!source) return [];
    const message = `${source.repoURL} at ${refOf(source)}: ${faults.get(revisionKey(source))}; the last known commit stays in force`;
    return [{ uid, type: 'ComparisonError', message, isHolding: false }];
  });
}
