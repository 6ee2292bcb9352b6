const OWNER = '{{.rollout.spec.owner.name}}';
const ROLLOUT = '{{.rollout.metadata.name}}';
const STAGE = '{{dig "status" "stage" "" .rollout}}';
const SAID = '{{with dig "status" "message" "" .rollout}} {{.}}{{end}}';
const FAILURE = '{{dig "status" "failure" "it failed" .rollout}}';
const CLUSTER = '{{.cluster.metadata.name}}';

function template(title: string, message: string, color: string): string {
  return `message: |
  ${message}
email:
  subject: |
    ${title}
slack:
  attachments: |
    [{"color": "${color}", "title": {{printf "%s" (${title.includes('.cluster.') ? '.cluster.metadata.name' : '.rollout.spec.owner.name'}) | toJson}}}]
`;
}

const trigger = (name: string, when: string, description: string, oncePer?: string): string =>
  `- when: ${when}\n  description: ${description}\n  send: [${name}]\n${oncePer === undefined ? '' : `  oncePer: ${oncePer}\n`}`;

const DONE_STAGES = "count(rollout.status?.stages ?? [], {.phase == 'Done'})";

/**
 * Triggers of our own, about rollouts of the fleet and its clusters, with their templates. `previousPhase` is the phase the document
 * had in its change before; a cluster that was never heard of is not lost when it is Unknown.
 */
export const FLEET_CATALOG: Readonly<Record<string, string>> = {
  'trigger.on-rollout-started': trigger(
    'rollout-started',
    "not (rollout.status?.phase in [nil, 'Pending'])",
    'A rollout of the fleet has begun',
    'rollout.metadata.uid',
  ),
  'trigger.on-rollout-stage-done': trigger(
    'rollout-stage-done',
    `${DONE_STAGES} > 0`,
    'A stage of a rollout is done; once per stage',
    `rollout.metadata.uid + ' ' + string(${DONE_STAGES})`,
  ),
  'trigger.on-rollout-waiting-approval': trigger(
    'rollout-waiting-approval',
    "rollout.status?.phase == 'WaitingForApproval'",
    'A rollout waits for approval',
  ),
  'trigger.on-rollout-failed': trigger(
    'rollout-failed',
    'rollout.status?.failure != nil',
    'A rollout has failed clusters and does not go on',
  ),
  'trigger.on-rollout-rolled-back': trigger('rollout-rolled-back', "rollout.status?.phase == 'RolledBack'", 'A rollout was rolled back'),
  'trigger.on-cluster-unknown': trigger(
    'cluster-unknown',
    "cluster.status?.phase == 'Unknown' and cluster.status?.lastSeenAt != nil",
    'A cluster is not heard of any more',
  ),
  'trigger.on-cluster-back': trigger(
    'cluster-back',
    "cluster.status?.phase == 'Connected' and previousPhase == 'Unknown'",
    'A cluster is heard of again',
  ),
  'template.rollout-started': template(
    `Rollout of ${OWNER} has begun`,
    `Rollout ${ROLLOUT} of ${OWNER} has begun with stage ${STAGE}.${SAID}`,
    '#0dadea',
  ),
  'template.rollout-stage-done': template(
    `Rollout of ${OWNER}: a stage is done`,
    `Rollout ${ROLLOUT} of ${OWNER}:{{range dig "status" "stages" (list) .rollout}}{{if eq .phase "Done"}} stage {{.name}} is done ({{.healthy}} of {{.total}} clusters healthy).{{end}}{{end}}`,
    '#18be52',
  ),
  'template.rollout-waiting-approval': template(
    `Rollout of ${OWNER} waits for approval`,
    `Rollout ${ROLLOUT} of ${OWNER} waits for approval of stage ${STAGE}.${SAID}\n  Approve it with flotilla rollout approve ${ROLLOUT}.`,
    '#f4c030',
  ),
  'template.rollout-failed': template(
    `Rollout of ${OWNER} has failed`,
    `Rollout ${ROLLOUT} of ${OWNER} does not go on: ${FAILURE}`,
    '#e96d76',
  ),
  'template.rollout-rolled-back': template(
    `Rollout of ${OWNER} was rolled back`,
    `Rollout ${ROLLOUT} of ${OWNER} was rolled back.${SAID}`,
    '#e96d76',
  ),
  'template.cluster-unknown': template(
    `Cluster ${CLUSTER} is Unknown`,
    `Cluster ${CLUSTER} is Unknown since {{dig "status" "since" "an unknown time" .cluster}}; it was last heard of at {{dig "status" "lastSeenAt" "no time" .cluster}}.`,
    '#e96d76',
  ),
  'template.cluster-back': template(
    `Cluster ${CLUSTER} is back`,
    `Cluster ${CLUSTER} is connected again since {{dig "status" "since" "an unknown time" .cluster}}.`,
    '#18be52',
  ),
};
