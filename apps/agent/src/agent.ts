import type { DesiredBody, HelloRequest, Position } from '@flotilla/contracts';
import { answerSchema } from '@flotilla/contracts';
import { type Clock, messageOf } from '@flotilla/kernel';
import { apiVersionOf } from '@flotilla/kubeclient';
import { answerAsk } from './ask/answer-ask.js';
import type { BundleCache } from './desired/bundle-cache.js';
import { pullDocument } from './desired/pull-document.js';
import { ensureBlobs, sweepBlobs, takeUpDocument } from './desired/take-up.js';
import { type Trust, verifyBody, verifyHeader } from './desired/verify-document.js';
import type { HubLink } from './link/hub.link.js';
import { type Ask, HubSession, type PullCause, type SessionHost } from './link/hub-session.js';
import type { SecretFollower } from './secrets/secret-follower.js';
import { type AgentState, type HeldDocument, type Identity, unpackText } from './state/agent-state.js';
import { StatusReporter } from './status/report-status.js';
import type { StatusLedger } from './status/status-ledger.js';
import type { Engine } from './sync/engine.js';
import type { SpokeContext } from './sync/spoke-context.js';
import { PullTrace } from './trace/pull-trace.js';

export const AGENT_VERSION = '0.1.0';

export interface AgentParts {
  identity: Identity;
  instanceId: string;
  context: SpokeContext;
  state: AgentState;
  bundles: BundleCache;
  engine: Engine;
  ledger: StatusLedger;
  secrets: SecretFollower;
  clock: Clock;
  /** The document in force has changed. */
  onTakenUp: () => void;
  /** The agent must not go on. */
  onStop: (reason: string) => void;
}

/** Ties the line to the hub and the engine together; either works while the other is away. */
export class Agent implements SessionHost {
  readonly #parts: AgentParts;
  readonly #trust: Trust;
  readonly #reporter: StatusReporter;
  #document: HeldDocument | undefined;
  #body: DesiredBody | undefined;
  #isWhole = false;
  #session: HubSession | undefined;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    parts.secrets.onRefusal = (code) => this.#session?.refused(code);
    const { signingKey, spokeId, fleet } = parts.identity;
    this.#trust = { signingKey, spokeId, fleet };
    this.#reporter = new StatusReporter({
      ledger: parts.ledger,
      clock: parts.clock,
      log: parts.context.log,
      random: Math.random,
      onRefusal: (code) => this.#session?.refused(code),
      traceOf: (uid) => parts.engine.traceOf(uid),
    });
  }

  /** Goes on with the last good document, hub or no hub. */
  async resume(): Promise<void> {
    const { state, context } = this.#parts;
    const document = await state.loadDocument();
    if (!document) return;
    try {
      this.#body = verifyBody(verifyHeader(document.signed, this.#trust, undefined), document.body);
      this.#document = document;
      await this.#enforce(this.#body);
    } catch (error) {
      context.log('warn', 'kept document not usable yet', { error: messageOf(error) });
    }
  }

  onLine(link: HubLink): HubSession {
    this.#session?.stop();
    const session = new HubSession(this, link, this.#parts.clock, this.#parts.context.log);
    this.#session = session;
    session.start();
    return session;
  }

  poke(): void {
    this.#reporter.poke();
  }

  stop(): void {
    this.#session?.stop();
    this.#parts.secrets.end();
    this.#reporter.end();
  }

  async hello(): Promise<HelloRequest> {
    const { context, instanceId } = this.#parts;
    const [{ gitVersion }, system, resources] = await Promise.all([
      context.client.request<{ gitVersion: string }>('GET', '/version'),
      context.client.get('/api/v1/namespaces/kube-system'),
      context.client.discover(),
    ]);
    const versions = new Set(resources.map(apiVersionOf));
    const kinds = resources.map((info) => `${apiVersionOf(info)}/${info.kind}`);
    return {
      instanceId,
      agentVersion: AGENT_VERSION,
      clusterUid: system?.metadata.uid ?? '',
      kubernetesVersion: gitVersion,
      apiVersions: [...versions, ...new Set(kinds)].sort(),
      clusterKinds: [...new Set(resources.filter(({ namespaced }) => !namespaced).map(({ group, kind }) => `${group}/${kind}`))].sort(),
      held: this.#document?.signed,
    };
  }

  held(): Position | undefined {
    const header = this.#document?.signed.header;
    return header && { epoch: header.epoch, generation: header.generation };
  }

  began(link: HubLink, session: number, snapshotDelayMs: number): void {
    this.#parts.secrets.begin(link, session);
    const begin = async (): Promise<void> => {
      await this.#parts.clock.sleep(Math.random() * snapshotDelayMs);
      this.#reporter.begin(link, session);
      this.#reporter.poke();
    };
    begin().catch((error: unknown) => this.#parts.context.log('error', 'report', { error: messageOf(error) }));
  }

  ended(): void {
    this.#parts.secrets.end();
    this.#reporter.end();
  }

  async pull(link: HubLink, session: number, cause: PullCause = {}): Promise<void> {
    const { state, bundles, context } = this.#parts;
    const trace = new PullTrace(context.tracing, context.clock, cause.traceparent);
    if (this.#body && !this.#isWhole) {
      await ensureBlobs({ link, state, bundles, trust: this.#trust, session }, this.#body);
      await this.#enforce(this.#body);
    }
    const { inline } = cause;
    const document = inline
      ? { signed: inline.signed, body: await unpackText(Buffer.from(inline.packed, 'base64')) }
      : await pullDocument(link, session, this.held(), this.#trust);
    if (!document) return;
    const body = await trace.takeUp(document, this.#body, () =>
      takeUpDocument({ link, state, bundles, trust: this.#trust, session, held: this.#document }, document),
    );
    this.#document = document;
    this.#body = body;
    context.log('info', 'document taken up', {
      ...this.held(),
      apps: body.apps.length,
      removals: body.removals.length,
      grants: body.grants.length,
    });
    await this.#enforce(body);
    await sweepBlobs(state, bundles, body);
    this.#parts.onTakenUp();
  }

  ask(link: HubLink, ask: Ask): void {
    if (ask.verb === 'snapshot') {
      this.#parts.ledger.beginSnapshot();
      this.#reporter.poke();
      return;
    }
    const { context, engine } = this.#parts;
    const send = (n: number, content: object): void => link.answer(ask.token, n, answerSchema.parse({ n, content: null, ...content }));
    answerAsk(context, engine, ask, send).catch((error: unknown) => context.log('warn', 'ask', { error: messageOf(error) }));
  }

  beat(): { ackedSeq: number; apps: number; unhealthy: number } {
    const { apps, unhealthy } = this.#parts.ledger;
    return { ackedSeq: this.#reporter.ackedSeq, apps, unhealthy };
  }

  terminate(reason: string): void {
    this.#parts.onStop(reason);
  }

  async #enforce(body: DesiredBody): Promise<void> {
    this.#isWhole = false;
    this.#parts.bundles.retain(new Set(body.apps.map(({ bundle }) => bundle)));
    await this.#parts.engine.setDesired(body);
    await this.#parts.secrets.setGrants(body.grants);
    this.#isWhole = true;
  }
}
