import { CONTROL_NAMESPACE, type ResourceDocument } from '@flotilla/contracts';
import { until } from '@flotilla/demo';
import type { ServiceStage } from '../run/service-stage.js';

const ACTOR = { actor: 'bench' };
/** A service of the notifications ConfigMap. */
export const SERVICE = 'sink';

/** What arrives: the application's name, in a body of about the size that chat messages have. */
const BODY = `{"application":"{{.app.metadata.name}}","text":"${'was created; '.repeat(30)}"}`;

/** Messages to one webhook for every application that comes to be. */
function settingsDocument(url: string): ResourceDocument {
  const data = {
    [`service.webhook.${SERVICE}`]: `url: ${url}/hook\n`,
    'trigger.on-bench': '- when: app.metadata.name != ""\n  send: [bench]\n',
    'template.bench': `webhook:\n  ${SERVICE}:\n    method: POST\n    body: |\n      ${BODY}\n`,
    subscriptions: `- recipients: [${SERVICE}]\n  triggers: [on-bench]\n`,
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: CONTROL_NAMESPACE, name: 'argocd-notifications-cm' },
    data,
  } as ResourceDocument;
}

const application = (name: string): ResourceDocument =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { namespace: CONTROL_NAMESPACE, name },
    spec: { project: 'default', source: { repoURL: 'https://git.example.com/shop', path: 'shop' }, destination: { name: 'one' } },
  }) as ResourceDocument;

/** Writes the settings and waits until the notifier follows applications: what was there before it is told to nobody. */
export async function subscribe({ platform }: ServiceStage, url: string): Promise<void> {
  await platform.store.transaction(ACTOR, (tx) => tx.create(settingsDocument(url)));
  await until('the notifier to follow applications', async () => {
    const rows = await platform.database.query(`SELECT 1 FROM resources.cursors WHERE consumer = 'notifier' AND kind = 'Application'`);
    return rows.length > 0;
  });
}

/** Commits that many events together. */
export function createApplications({ platform }: ServiceStage, names: readonly string[]): Promise<void> {
  return platform.store.transaction(ACTOR, async (tx) => {
    for (const name of names) await tx.create(application(name));
  });
}

/** Messages by what became of them, with how often each was sent. */
export function readMessages({
  platform,
}: ServiceStage): Promise<{ id: string; state: string; attempts: number; may_be_duplicate: boolean; name: string }[]> {
  return platform.database.query(
    `SELECT i.id, i.state, i.attempts, i.may_be_duplicate, e.name FROM notifier.intents i JOIN notifier.events e ON e.id = i.event ORDER BY i.seq`,
  );
}
