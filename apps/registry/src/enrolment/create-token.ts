import type { CreateTokenReply, CreateTokenRequest, EnrolmentToken } from '@flotilla/contracts';
import { type Clock, digestBytes, InvalidInputError, newToken, type RandomBytes } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import type { RegistryConfig } from '../registry.config.js';
import { joinTokenText } from './join-token.js';

const DEFAULT_TTL_MS = 24 * 3_600_000;

export interface CreateTokenParts {
  store: ResourceStore;
  config: RegistryConfig;
  signingKey: string;
  clock: Clock;
  random: RandomBytes;
}

/** Makes a pass for agents. Only the digest of its secret is stored. */
export class CreateToken {
  readonly #parts: CreateTokenParts;

  constructor(parts: CreateTokenParts) {
    this.#parts = parts;
  }

  async run(request: CreateTokenRequest): Promise<CreateTokenReply> {
    const { store, config, signingKey, clock, random } = this.#parts;
    const { cluster, labels, project, uses = 1, ttlMs = DEFAULT_TTL_MS, autoAccept } = request;
    if (uses === 1 && !cluster) throw new InvalidInputError('a token for one agent needs the name of its cluster');
    if (uses > 1 && cluster) throw new InvalidInputError(`a token for ${uses} agents cannot name one cluster; leave the name out`);
    const secret = newToken(32, random);
    const expiresAt = new Date(clock.now() + ttlMs).toISOString();
    const name = `${cluster ?? 'fleet'}-${newToken(5, random)}`;
    const document: EnrolmentToken = {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'EnrolmentToken',
      metadata: { name },
      spec: { clusterName: cluster, labels, project, uses, expiresAt, autoAccept, tokenDigest: digestBytes(secret) },
    };
    await store.transaction({ actor: 'service:registry' }, (tx) => tx.create(document));
    const token = joinTokenText({
      hub: request.hub ?? config.publicUrl,
      ca: request.ca ?? config.caDigest,
      key: signingKey,
      token: secret,
      name: cluster,
    });
    return { name, token, cluster, expiresAt };
  }
}
