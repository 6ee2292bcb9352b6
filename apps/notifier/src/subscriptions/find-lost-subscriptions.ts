import type { NotificationConfig, NotificationFinding } from '@flotilla/admission';
import type { ResourceDocument } from '@flotilla/contracts';
import { closestWord } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { readAnnotations, SUBSCRIPTION_PREFIX } from './read-annotations.js';

/** Kinds whose annotations subscribe. */
const KINDS = ['AppProject', 'ApplicationSet', 'Cluster', 'Application'] as const;
const PAGE = 500;
/** Documents that are looked at, and findings that are told, per check. */
const MAX_DOCUMENTS = 50_000;
const MAX_FINDINGS = 100;

/** Subscriptions of documents to triggers and services that do not exist: they would never say anything. */
export async function findLostSubscriptions(
  store: Pick<ResourceStore, 'list'>,
  config: Pick<NotificationConfig, 'triggers' | 'services'>,
): Promise<NotificationFinding[]> {
  const findings: NotificationFinding[] = [];
  let seen = 0;
  for (const kind of KINDS) {
    for (let next: string | undefined = ''; next !== undefined && seen < MAX_DOCUMENTS && findings.length < MAX_FINDINGS; ) {
      const page: Awaited<ReturnType<typeof store.list>> = await store.list(kind, {
        limit: PAGE,
        ...(next === '' ? {} : { continue: next }),
      });
      for (const document of page.items) findings.push(...judge(document, config));
      seen += page.items.length;
      next = page.continue;
    }
  }
  return findings.slice(0, MAX_FINDINGS);
}

function judge(
  { kind, metadata: { namespace, name, annotations = {} } }: ResourceDocument,
  { triggers, services }: Pick<NotificationConfig, 'triggers' | 'services'>,
): NotificationFinding[] {
  const key = [kind, namespace, name].filter(Boolean).join('/');
  const finding = (message: string): NotificationFinding => ({ severity: 'error', key, message });
  const found: NotificationFinding[] = [];
  for (const annotation of Object.keys(annotations)) {
    if (!annotation.startsWith(SUBSCRIPTION_PREFIX) || /^(subscribe\.|subscriptions$)/.test(annotation.slice(SUBSCRIPTION_PREFIX.length)))
      continue;
    found.push(finding(`annotation ${annotation} subscribes to nothing; write ${SUBSCRIPTION_PREFIX}subscribe.TRIGGER.SERVICE`));
  }
  const read = readAnnotations(annotations, kind === 'AppProject');
  if (read.length === 0 && annotations[`${SUBSCRIPTION_PREFIX}subscriptions`] !== undefined) {
    found.push(finding(`annotation ${SUBSCRIPTION_PREFIX}subscriptions holds no list of {trigger, destinations}`));
  }
  for (const { trigger, destination } of read) {
    if (trigger !== '' && !triggers.has(trigger)) found.push(finding(unknown('trigger', trigger, triggers.keys())));
    if (!services.has(destination.service)) found.push(finding(unknown('service', destination.service, services.keys())));
  }
  return [...new Map(found.map((one) => [one.message, one])).values()];
}

function unknown(what: string, name: string, known: Iterable<string>): string {
  const meant = closestWord(name, [...known]);
  return `subscribes to ${what} ${name}, which does not exist${meant ? `; did you mean ${meant}` : ''}`;
}
