import {
  CONTROL_NAMESPACE,
  type Grant,
  grantsVerbReplySchema,
  grantsVerbSchema,
  type ResourceDocument,
  type SecretGrant,
  type SecretsReply,
  secretContext,
} from '@flotilla/contracts';
import { until } from '@flotilla/demo';
import { canonicalJson, digestBytes, newSpokeId } from '@flotilla/kernel';
import { generateSealingKeyPair, openEnvelope } from '@flotilla/keyring';
import { TestSpoke } from '@flotilla/messaging/testing';
import type { ServiceStage } from '../../bench/run/service-stage.js';

const STORE = 'remote';
const PLACE = { kind: 'SecretGrant', namespace: CONTROL_NAMESPACE, name: 'db' };
const TARGET = { namespace: 'shop', name: 'db' };
const FROM = { kind: 'ExternalSecret' as const, ...TARGET };
const ACTOR = { actor: 'orchestrator' };
const ASKING = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: TARGET,
  spec: {
    secretStoreRef: { kind: 'ClusterSecretStore', name: STORE },
    refreshInterval: '0',
    data: [{ secretKey: 'password', remoteRef: { key: 'db' } }],
  },
};

type Stored = SecretGrant & ResourceDocument;

/** One grant, the orchestrator's word on it, and the spoke it is for. */
export class GrantedSpoke {
  /** Told when the broker asks who a spoke is, before it seals to it. */
  onAsked: () => void = () => {};
  readonly #stage: ServiceStage;
  readonly #id = newSpokeId();
  readonly #key = generateSealingKeyPair();
  #wire: TestSpoke | undefined;
  #version: string | undefined;

  private constructor(stage: ServiceStage) {
    this.#stage = stage;
  }

  /** A store with that provider, a grant of one value of it, and nothing read yet. */
  static async create(stage: ServiceStage, provider: object): Promise<GrantedSpoke> {
    const spoke = new GrantedSpoke(stage);
    await stage.self.serve([{ verb: 'grants', request: grantsVerbSchema, reply: grantsVerbReplySchema, use: 'grants' }], {
      grants: () => spoke.#answer(),
    });
    const bytes = Buffer.from(canonicalJson(ASKING));
    const digest = digestBytes(bytes);
    await stage.platform.blobs.put([{ digest, bytes, sealed: false }]);
    const store = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: STORE }, spec: { provider } };
    const { kind: _, ...place } = PLACE;
    const grant = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'SecretGrant',
      metadata: place,
      spec: { project: 'default', from: { ...FROM, digest }, target: TARGET },
    };
    await stage.platform.store.transaction(ACTOR, async (tx) => {
      await tx.create(store as ResourceDocument);
      await tx.create(grant as ResourceDocument);
    });
    spoke.#wire = await TestSpoke.connect({ url: stage.nats.url, spoke: spoke.#id, trust: stage.trust });
    return spoke;
  }

  async grant(): Promise<Stored> {
    return (await this.#stage.platform.store.get<Stored>(PLACE))!;
  }

  async rotate(): Promise<void> {
    await this.#stage.platform.store.transaction(ACTOR, async (tx) => {
      const current = (await tx.getForUpdate<Stored>(PLACE))!;
      await tx.update({ ...current, spec: { ...current.spec, rotateAt: new Date().toISOString() } });
    });
  }

  /** Waits for another version than that, which the spoke's document names from then on. */
  async versionAfter(former: string | undefined): Promise<string> {
    const version = await until('the broker to have another version', async () => {
      const { status } = await this.grant();
      return status?.version === former ? undefined : status?.version;
    });
    this.#version = version;
    return version;
  }

  /** What the broker gives for a version, opened as the agent opens it. */
  async fetch(version: string): Promise<string> {
    const wants = [{ grant: 'g', version }];
    const reply = (await this.#wire!.request('secrets', { session: 1, wants })) as Exclude<SecretsReply, { error: unknown }>;
    const [given] = reply.envelopes;
    if (!given) throw new Error(JSON.stringify(reply));
    const context = secretContext('stage', this.#id, { id: 'g', target: TARGET, version });
    const bytes = await openEnvelope(this.#key.privateKey, JSON.parse(given.envelope), context);
    const { data } = JSON.parse(Buffer.from(bytes).toString()) as { data: { password: string } };
    return Buffer.from(data.password, 'base64').toString();
  }

  async close(): Promise<void> {
    await this.#wire?.close();
  }

  #answer() {
    this.onAsked();
    const base: Grant = { id: 'g', app: 'uid', source: PLACE.name, from: FROM, target: TARGET, wave: 0, creationPolicy: 'Owner' };
    const grant = { ...base, namespace: PLACE.namespace, ...(this.#version ? { version: this.#version } : {}) };
    return { fleet: 'stage', cluster: 'one', sealingKey: this.#key.publicKey, grants: [grant] };
  }
}
