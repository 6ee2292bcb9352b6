import { type RenderReply, type RenderRequest, renderReplySchema } from '@flotilla/contracts';
import type { MessageBus } from '@flotilla/messaging';
import type { FleetApplication } from '../fleet/fleet.store.js';
import type { KnownCluster } from '../fleet/resolve-destination.js';
import { secretsModeOf } from '../fleet/secrets-mode.js';
import type { Problem } from './problem.js';

export interface Placed {
  application: FleetApplication;
  cluster: string;
  known?: KnownCluster;
}

export interface Rendered {
  /** Bundle digest by application uid. */
  bundles: Map<string, string>;
  problems: Problem[];
  /** Remarks that hold nothing: NonDeterministic, LookupEmpty, ... */
  remarks: Map<string, { type: string; message: string }[]>;
}

type Item = RenderRequest['items'][number];
const MAX_ITEMS = 500;
/** Well below NATS' 1 MB: the API versions of a cluster may be many. */
const MAX_REQUEST_BYTES = 400_000;
const RENDER_TIMEOUT_MS = 300_000;
const PARALLEL = 4;

/** Asks the renderer for bundles, in batches; equal inputs are rendered once there. */
export class RenderMembers {
  readonly #bus: MessageBus;

  constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  async render(members: readonly Placed[], commits: ReadonlyMap<string, readonly string[]>): Promise<Rendered> {
    const rendered: Rendered = { bundles: new Map(), problems: [], remarks: new Map() };
    const batches = inBatches(members.flatMap((member) => toItem(member, commits)));
    await Promise.all(
      Array.from({ length: PARALLEL }, async () => {
        for (let batch = batches.shift(); batch; batch = batches.shift()) take(rendered, await this.#ask(batch));
      }),
    );
    for (const { application } of members) {
      if (rendered.bundles.has(application.uid) || rendered.problems.some(({ uid }) => uid === application.uid)) continue;
      const message = 'the renderer did not answer for this application';
      rendered.problems.push({ uid: application.uid, type: 'ComparisonError', message, isHolding: true, isPassing: true });
    }
    return rendered;
  }

  #ask(items: readonly Item[]): Promise<RenderReply> {
    return this.#bus.ask('renderer', 'render', { items }, { timeoutMs: RENDER_TIMEOUT_MS, reply: renderReplySchema });
  }
}

function toItem({ application, known }: Placed, commits: ReadonlyMap<string, readonly string[]>): Item[] {
  const pinned = commits.get(application.uid);
  if (!pinned) return [];
  const { namespace, name, uid } = application;
  return [
    {
      namespace,
      name,
      uid,
      commits: [...pinned],
      ...(known?.kubernetesVersion ? { kubernetesVersion: known.kubernetesVersion } : {}),
      ...(known?.apiVersions ? { apiVersions: [...known.apiVersions] } : {}),
      ...(secretsModeOf(known) === 'broker' ? { secrets: 'broker' as const } : {}),
    },
  ];
}

function inBatches(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = JSON.stringify(item).length;
    const last = batches.at(-1);
    if (!last || last.length >= MAX_ITEMS || bytes + size > MAX_REQUEST_BYTES) {
      batches.push([item]);
      bytes = size;
    } else {
      last.push(item);
      bytes += size;
    }
  }
  return batches;
}

function take(rendered: Rendered, reply: RenderReply): void {
  for (const item of reply.items) {
    if ('error' in item) {
      const { message, retry } = item.error;
      rendered.problems.push({ uid: item.uid, type: 'ComparisonError', message, isHolding: true, isPassing: retry === 'later' });
    } else {
      rendered.bundles.set(item.uid, item.bundle);
      if (item.conditions.length > 0) rendered.remarks.set(item.uid, item.conditions);
    }
  }
}
