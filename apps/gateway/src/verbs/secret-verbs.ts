import { type ResourceDocument, type RotateSecrets, receiptsVerbReplySchema, type SecretGrant } from '@flotilla/contracts';
import { type Clock, InvalidInputError, NotFoundError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore, ResourceTransaction } from '@flotilla/resources';
import { parseSelectorText } from '@flotilla/selector';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import { listDocuments } from './list-documents.js';
import { unwrap } from './unwrap.js';

type Grant = SecretGrant & ResourceDocument;

/** Grants one rotation may name; more are rotated in portions. */
const MAX_ROTATED = 5_000;
const PAGE = 500;

/** Verbs on secrets: the broker reads what a SecretGrant says, the orchestrator keeps the receipts. */
export function secretVerbs(store: ResourceStore, bus: MessageBus, clock: Clock): Record<string, RestHandler> {
  return {
    listSecrets: listDocuments(store, 'SecretGrant'),
    rotateSecrets: async ({ body, user }) => {
      const request = body as RotateSecrets;
      const found = await selectGrants(store, request);
      const rotateAt = new Date(clock.now()).toISOString();
      for (const grant of found) await rotate(store, grant, rotateAt, user?.name ?? '');
      const grants = found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      return { message: `${grants.length} ${grants.length === 1 ? 'secret is' : 'secrets are'} read again`, grants };
    },
    listSecretReceipts: async ({ query }) => unwrap(await bus.ask('orchestrator', 'receipts', query, { reply: receiptsVerbReplySchema })),
  };
}

/** @throws InvalidInputError for a request that names nothing, NotFoundError when nothing is named by it */
async function selectGrants(store: ResourceStore, { namespace, name, selector, store: asked }: RotateSecrets): Promise<Grant[]> {
  if (!name && !selector && !asked) throw new InvalidInputError('name a secret, a label selector or a store');
  const labels = selector ? parseSelectorText(selector) : undefined;
  const found: Grant[] = [];
  let next: string | undefined;
  do {
    const page = await store.list<Grant>('SecretGrant', { namespace, labels, limit: PAGE, continue: next });
    found.push(...page.items.filter((grant) => isNamed(grant, name) && isOfStore(grant, asked)));
    next = page.continue;
  } while (next);
  if (found.length === 0) throw new NotFoundError('no SecretGrant fits; flotilla secret list shows those there are');
  if (found.length > MAX_ROTATED)
    throw new InvalidInputError(`${found.length} SecretGrants fit; at most ${MAX_ROTATED} are rotated at once`);
  return found;
}

function isNamed({ metadata, spec: { from, target } }: Grant, name: string | undefined): boolean {
  return name === undefined || [metadata.name, from.name, target.name].includes(name);
}

function isOfStore({ status }: Grant, asked: string | undefined): boolean {
  return asked === undefined || status?.store === asked || status?.store?.split('/')[1] === asked;
}

async function rotate(store: ResourceStore, { metadata }: Grant, rotateAt: string, actor: string): Promise<void> {
  const key = { kind: 'SecretGrant', namespace: metadata.namespace ?? '', name: metadata.name };
  await store.transaction({ actor }, async (tx: ResourceTransaction) => {
    const current = await tx.getForUpdate<Grant>(key);
    // Whoever released without it meanwhile has nothing to rotate.
    if (current && !current.metadata.deletionTimestamp) await tx.update({ ...current, spec: { ...current.spec, rotateAt } });
  });
}
