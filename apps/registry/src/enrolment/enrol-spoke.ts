import { type Cluster, type EnrolmentToken, type EnrolReply, type EnrolRequest, IN_USE_FINALIZER } from '@flotilla/contracts';
import { type Clock, digestBytes, InvalidInputError, newSpokeId, newToken, type RandomBytes } from '@flotilla/kernel';
import { isPublicNkey, isRawKey } from '@flotilla/keyring';
import type { ResourceStore, ResourceTransaction } from '@flotilla/resources';
import { clusterKey, lockCluster, withStatus } from '../clusters/cluster-status.js';
import type { RegistryConfig } from '../registry.config.js';
import { ClusterTakenError, RevokedError, TokenRefusedError } from '../registry.errors.js';
import type { Spoke } from '../spokes/spoke.js';
import { PgSpokeStore } from '../spokes/spoke.store.pg.js';
import type { SpokeCredentials } from '../spokes/spoke-credentials.js';
import { decideEnrolment, usedOf } from './decide-enrolment.js';
import { secretOf } from './join-token.js';

export interface EnrolSpokeParts {
  store: ResourceStore;
  config: RegistryConfig;
  credentials: SpokeCredentials;
  signingKey: string;
  clock: Clock;
  random: RandomBytes;
}

type Enrolled = Extract<EnrolReply, { spokeId: string }>;

/** Takes an agent in for a token. An agent that lost the answer asks again with the same key and gets the same identity. */
export class EnrolSpoke {
  readonly #parts: EnrolSpokeParts;

  constructor(parts: EnrolSpokeParts) {
    this.#parts = parts;
  }

  async run(request: EnrolRequest): Promise<Enrolled> {
    if (!isPublicNkey('user', request.publicNkey)) throw new InvalidInputError('publicNkey is not the public nkey of a user');
    if (!isRawKey(request.sealingKey)) throw new InvalidInputError('sealingKey is not base64 of a raw X25519 key');
    const digest = digestBytes(secretOf(request.token));
    const { store, config, credentials, signingKey } = this.#parts;
    const spoke = await store.transaction({ actor: 'service:registry' }, (tx) => this.#enrol(tx, digest, request));
    return {
      spokeId: spoke.spokeId,
      cluster: spoke.cluster,
      fleet: config.fleet,
      natsUrls: credentials.natsUrls,
      natsCa: config.natsCa,
      userJwt: credentials.jwt(spoke),
      signingKey,
      accepted: spoke.accepted,
    };
  }

  async #enrol(tx: ResourceTransaction, tokenDigest: string, request: EnrolRequest): Promise<Spoke> {
    const spokes = new PgSpokeStore(tx.sql);
    const token = await this.#lockToken(tx, tokenDigest);
    const known = await spokes.findByKey(request.publicNkey);
    if (known) return this.#again(known, token);
    const name = token?.spec.clusterName ?? request.name ?? `cluster-${newToken(5, this.#parts.random)}`;
    const cluster = await lockCluster(tx, name);
    const now = this.#parts.clock.now();
    const decision = decideEnrolment({ token, cluster, name, now });
    if ('refuse' in decision || !token) throw refusal('refuse' in decision ? decision.refuse : 'token', name);
    const spoke: Spoke = {
      spokeId: newSpokeId(this.#parts.random),
      cluster: name,
      publicNkey: request.publicNkey,
      sealingKey: request.sealingKey,
      tokenName: token.metadata.name,
      accepted: decision.admit.accepted,
      enrolledAt: now,
    };
    await spokes.insert(spoke);
    await tx.updateStatus({ ...token, status: { ...token.status, used: usedOf(token) + 1 } });
    await writeCluster(tx, cluster, token, spoke);
    return spoke;
  }

  async #lockToken(tx: ResourceTransaction, tokenDigest: string): Promise<EnrolmentToken | undefined> {
    const fields = [{ path: 'spec.tokenDigest', value: tokenDigest }];
    const { items } = await tx.list<EnrolmentToken>('EnrolmentToken', { fields, limit: 1 });
    const name = items[0]?.metadata.name;
    return name === undefined ? undefined : tx.getForUpdate<EnrolmentToken>({ kind: 'EnrolmentToken', namespace: '', name });
  }

  #again(known: Spoke, token: EnrolmentToken | undefined): Spoke {
    if (known.revokedAt !== undefined) throw new RevokedError('this agent was revoked; give it a new key and a new token');
    if (known.tokenName !== token?.metadata.name) throw refusal('token', known.cluster);
    return known;
  }
}

function refusal(why: 'token' | 'taken' | 'name', name: string): Error {
  if (why === 'taken')
    return new ClusterTakenError(`cluster ${name} has an agent; revoke it first, or choose another name`, { cluster: name });
  if (why === 'name')
    return new InvalidInputError(`${JSON.stringify(name)} is not a cluster name: lower-case letters, digits, - and . only`);
  return new TokenRefusedError('the join token is unknown, used up or expired; make a new one with: flotilla cluster add NAME');
}

async function writeCluster(tx: ResourceTransaction, existing: Cluster | undefined, token: EnrolmentToken, spoke: Spoke): Promise<void> {
  const { spokeId, accepted, sealingKey, enrolledAt } = spoke;
  const base: Cluster = existing ?? {
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name: spoke.cluster, finalizers: [IN_USE_FINALIZER] },
    spec: {},
  };
  const cluster: Cluster = {
    ...base,
    // Labels somebody gave the cluster are theirs; the token's fill in what is missing.
    metadata: { ...base.metadata, labels: { ...token.spec.labels, ...base.metadata.labels } },
    spec: { ...base.spec, project: base.spec.project ?? token.spec.project, spokeId, accepted, revoked: undefined },
  };
  if (existing) await tx.update(cluster);
  else await tx.create(cluster);
  const written = (await tx.get<Cluster>(clusterKey(spoke.cluster))) ?? cluster;
  await tx.updateStatus(withStatus(written, { phase: accepted ? 'Unknown' : 'Pending', sealingKey }, enrolledAt));
}
