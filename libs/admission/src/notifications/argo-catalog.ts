/** A link to the application, where the base address is known. */
const LINK = '{{if .context.argocdUrl}}{{.context.argocdUrl}}/applications/{{.app.metadata.namespace}}/{{.app.metadata.name}}{{end}}';
const APP = '{{.app.metadata.name}}';

/** A message in both forms that Argo CD's catalog has: Slack attachments and an email. JSON in a template keeps quotes by `toJson`. */
function template(title: string, message: string, color: string, fields: readonly (readonly [string, string])[]): string {
  const slackFields = fields.map(
    ([name, value]) => `{"title": ${JSON.stringify(name)}, "value": {{${value} | toString | toJson}}, "short": true}`,
  );
  return `message: |
  ${message}
email:
  subject: |
    ${title}
slack:
  attachments: |
    [{
      "title": {{.app.metadata.name | toJson}},
      {{if .context.argocdUrl}}"title_link": "${LINK}",{{end}}
      "color": "${color}",
      "fields": [${slackFields.join(',\n        ')}]
    }]
`;
}

const SYNC = ['Sync status', '(dig "status" "sync" "status" "Unknown" .app)'] as const;
const HEALTH = ['Health', '(dig "status" "health" "status" "Unknown" .app)'] as const;
const REPOSITORY = ['Repository', '(dig "spec" "source" "repoURL" "" .app)'] as const;
const REVISION = ['Revision', '(dig "status" "sync" "revision" "" .app)'] as const;
const OPERATION_MESSAGE = '{{dig "status" "operationState" "message" "" .app}}';

const trigger = (name: string, when: string, description: string, oncePer?: string): string =>
  `- when: ${when}\n  description: ${description}\n  send: [${name}]\n${oncePer === undefined ? '' : `  oncePer: ${oncePer}\n`}`;

/** The triggers and templates of Argo CD's catalog, as data of the ConfigMap: the same names and conditions, in our own words. */
export const ARGO_CATALOG: Readonly<Record<string, string>> = {
  'trigger.on-created': trigger('app-created', 'true', 'An application was created', 'app.metadata.name'),
  'trigger.on-deleted': trigger('app-deleted', 'app.metadata.deletionTimestamp != nil', 'An application is deleted', 'app.metadata.name'),
  'trigger.on-deployed': trigger(
    'app-deployed',
    "app.status?.operationState?.phase in ['Succeeded'] and app.status?.health?.status == 'Healthy'",
    'A commit is synced and healthy; once per commit',
    'app.status.sync.revision',
  ),
  'trigger.on-health-degraded': trigger(
    'app-health-degraded',
    "app.status?.health?.status == 'Degraded'",
    'An application has become degraded',
  ),
  'trigger.on-sync-failed': trigger('app-sync-failed', "app.status?.operationState?.phase in ['Error', 'Failed']", 'A sync has failed'),
  'trigger.on-sync-running': trigger('app-sync-running', "app.status?.operationState?.phase in ['Running']", 'A sync has begun'),
  'trigger.on-sync-status-unknown': trigger(
    'app-sync-status-unknown',
    "app.status?.sync?.status == 'Unknown'",
    'Nobody knows whether the application is in sync',
  ),
  'trigger.on-sync-succeeded': trigger('app-sync-succeeded', "app.status?.operationState?.phase in ['Succeeded']", 'A sync has succeeded'),
  'template.app-created': template(`${APP} was created`, `Application ${APP} was created.`, '#0d6efd', [REPOSITORY]),
  'template.app-deleted': template(`${APP} is deleted`, `Application ${APP} is being deleted.`, '#6c757d', [REPOSITORY]),
  'template.app-deployed': template(
    `${APP} is deployed`,
    `Application ${APP} runs revision {{dig "status" "sync" "revision" "unknown" .app}} and is healthy.`,
    '#18be52',
    [SYNC, REPOSITORY, REVISION],
  ),
  'template.app-health-degraded': template(
    `${APP} is degraded`,
    `Application ${APP} is degraded. {{dig "status" "health" "message" "" .app}}`,
    '#f4c030',
    [HEALTH, REPOSITORY],
  ),
  'template.app-sync-failed': template(`${APP} failed to sync`, `The sync of application ${APP} failed: ${OPERATION_MESSAGE}`, '#e96d76', [
    SYNC,
    REPOSITORY,
    REVISION,
  ]),
  'template.app-sync-running': template(`${APP} is syncing`, `A sync of application ${APP} runs.`, '#0dadea', [SYNC, REPOSITORY]),
  'template.app-sync-status-unknown': template(
    `${APP} has sync status Unknown`,
    `The sync status of application ${APP} is Unknown.{{range (dig "status" "conditions" (list) .app)}} {{.message}}{{end}}`,
    '#e96d76',
    [SYNC, REPOSITORY],
  ),
  'template.app-sync-succeeded': template(
    `${APP} is synced`,
    `Application ${APP} was synced at {{dig "status" "operationState" "finishedAt" "an unknown time" .app}}.`,
    '#18be52',
    [SYNC, REPOSITORY, REVISION],
  ),
};
