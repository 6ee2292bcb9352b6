import {
  type Grant,
  MAX_PART_BYTES,
  type SecretRefusal,
  type SecretsReply,
  type SecretsRequest,
  secretContext,
  secretStatement,
} from '@flotilla/contracts';
import { canonicalJson, type Limiter } from '@flotilla/kernel';
import { type Keyring, sealToSpoke } from '@flotilla/keyring';
import type { SpokeMessage } from '@flotilla/messaging';
import type { GrantRow, ValueStore } from '../grants/value.store.js';
import type { AskGrants } from './ask-grants.js';
import type { ValueCache } from './value-cache.js';

export interface ServeSecretsParts {
  values: ValueStore;
  cache: ValueCache;
  keyring: Keyring;
  grants: AskGrants;
  /** Seals wait here for their turn. */
  sealing: Limiter;
}

type Answer = Exclude<SecretsReply, { error: unknown }>;
type Envelope = Answer['envelopes'][number];

interface Granted {
  grant: Grant;
  row: GrantRow | undefined;
}

interface Recipient {
  fleet: string;
  spoke: string;
  /** Raw X25519 public key, base64. */
  key: string;
}

/** Of a reply, for its own brackets. */
const SPARE_BYTES = 1024;

/** Answers a spoke with the values that its own released document grants it, each sealed to its key. */
export class ServeSecrets {
  readonly #parts: ServeSecretsParts;

  constructor(parts: ServeSecretsParts) {
    this.#parts = parts;
  }

  async serve({ spoke, content: { session, wants } }: SpokeMessage<SecretsRequest>): Promise<SecretsReply> {
    const asked = { spoke, session, grants: [...new Set(wants.map(({ grant }) => grant))] };
    const known = await this.#parts.grants.ask(asked);
    if ('error' in known) return { error: known.error };
    const places = known.grants.map(({ namespace, source }) => ({ namespace, name: source }));
    const rows = new Map((await this.#parts.values.list(places)).map((row) => [`${row.namespace}/${row.name}`, row]));
    const granted = new Map(known.grants.map((grant) => [grant.id, { grant, row: rows.get(`${grant.namespace}/${grant.source}`) }]));
    const to = { fleet: known.fleet, spoke, key: known.sealingKey };
    return this.#parts.sealing(() => this.#answer(wants, granted, to));
  }

  async #answer(wants: SecretsRequest['wants'], granted: ReadonlyMap<string, Granted>, to: Recipient): Promise<Answer> {
    const reply: Answer = { envelopes: [], refused: [] };
    let room = MAX_PART_BYTES - SPARE_BYTES;
    for (const { grant: id, version } of wants) {
      const { grant, row } = granted.get(id) ?? {};
      const refusal = refuse(id, version, grant, row);
      const part = refusal ?? (await this.#envelope(grant!, row as Held, to));
      room -= Buffer.byteLength(JSON.stringify(part)) + 1;
      // What is in neither list is asked for again.
      if (room < 0) break;
      if ('code' in part) reply.refused.push(part);
      else reply.envelopes.push(part);
    }
    return reply;
  }

  async #envelope(grant: Grant, row: Held, to: Recipient): Promise<Envelope> {
    const { cache, keyring } = this.#parts;
    const { version } = row;
    const value = cache.open(row);
    try {
      const envelope = canonicalJson(await sealToSpoke(to.key, value, secretContext(to.fleet, to.spoke, { ...grant, version })));
      return { grant: grant.id, version, envelope, signature: keyring.sign(secretStatement(to.spoke, grant.id, version, envelope)) };
    } finally {
      value.fill(0);
    }
  }
}

type Held = GrantRow & { version: string; sealed: string };

/** Why a grant gets no envelope; undefined when it does. */
function refuse(id: string, version: string, grant: Grant | undefined, row: GrantRow | undefined): SecretRefusal | undefined {
  if (!grant) return { grant: id, code: 'not-granted', message: 'the document of this cluster holds no such grant' };
  const named = `SecretGrant ${grant.source}`;
  if (row?.blocked !== undefined) return { grant: id, code: 'unavailable', message: `${named}: ${row.blocked}` };
  if (row?.version === undefined || row.sealed === undefined)
    return { grant: id, code: 'unavailable', message: `${named} has no value yet; its conditions say why` };
  if (grant.version !== undefined && grant.version !== version)
    return { grant: id, code: 'moved', message: `the document of this cluster names another version of ${named}` };
  if (row.version !== version)
    return { grant: id, code: 'moved', message: `${named} has another version by now; a newer document names it` };
  return undefined;
}
