import {
  anySpokeSubject,
  CHANGES_MOVED,
  HUB_SERVICES,
  type HubService,
  hubSubject,
  MAX_PART_BYTES,
  MAX_STATUS_BYTES,
  META_HEADER,
  type SpokeVerb,
} from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import { hubPermissions, type Route, spokePermissions, spokesPermissions } from '@flotilla/messaging';
import { brokerRoutes } from '../../../apps/broker/src/routes.js';
import { routes as expanderRoutes } from '../../../apps/expander/src/routes.js';
import { routes as notifierRoutes } from '../../../apps/notifier/src/routes.js';
import { orchestratorRoutes } from '../../../apps/orchestrator/src/routes.js';
import { registryRoutes } from '../../../apps/registry/src/routes.js';
import { routes as rendererRoutes } from '../../../apps/renderer/src/routes.js';
import { code, type Page, page, table } from './markdown.js';
import { shapeText } from './schema-shape-text.js';

type AnyRoute = Route<Record<string, unknown>>;

/** How often liveness is judged follows the beat interval; the table only needs the row. */
const JUDGE_INTERVAL_MS = 1_000;

const ROUTES = {
  registry: registryRoutes(JUDGE_INTERVAL_MS),
  expander: expanderRoutes,
  renderer: rendererRoutes,
  orchestrator: orchestratorRoutes,
  broker: brokerRoutes,
  notifier: notifierRoutes,
} as unknown as Partial<Record<HubService, readonly AnyRoute[]>>;

const EVENTS: Readonly<Record<string, string>> = {
  [CHANGES_MOVED]: 'A commit moved the change log; `{kinds}`. Tailers read before their next poll.',
};

export function subjectsPage(): Page {
  return page(
    'subjects.md',
    'NATS subjects and inbound surfaces',
    'Payloads are JSON unless said otherwise. Nothing rests in NATS: a lost message heals by the next beat, poll or resync.',
    '## Hub and spoke',
    `\`*\` is the opaque id of a spoke; the server's permissions force it, so it is the identity of the speaker. A part is at most ${MAX_PART_BYTES} bytes, a ` +
      `status batch ${MAX_STATUS_BYTES}. Binary replies carry their JSON in the header ${code(META_HEADER)}.`,
    spokeTable(),
    '## Verbs inside the hub',
    ...HUB_SERVICES.flatMap(verbBlocks),
    '## Events',
    'CloudEvents 1.0, said after the commit they tell of; nobody may rely on one.',
    table(['Subject', 'What it says', 'Heard by'], eventRows()),
    '## Read from the change log',
    'Keys of changed documents, by a cursor each; what must not be missed comes this way.',
    table(['Service', 'Kinds', 'Use case', 'Everything again'], changeRows()),
    '## Timers',
    table(['Service', 'Every', 'Use case', 'Singleton'], timerRows()),
    '## Permissions',
    'In account SPOKES, for a spoke:',
    table(['May', 'Subject'], permissionRows(spokePermissions('*' as SpokeId))),
    ...HUB_SERVICES.flatMap((service) => [`For the ${service}:`, servicePermissions(service)]),
  );
}

function routesOf(service: HubService): readonly AnyRoute[] {
  return ROUTES[service] ?? [];
}

const everywhere = (): { service: HubService; route: AnyRoute }[] =>
  HUB_SERVICES.flatMap((service) => routesOf(service).map((route) => ({ service, route })));

function spokeTable(): string {
  const rows = everywhere().flatMap(({ service, route }) =>
    'spoke' in route
      ? [
          [
            code(anySpokeSubject(route.spoke)),
            route.reply ? 'request of the agent' : 'said by the agent',
            service,
            code(shapeText(route.request)),
            route.reply ? `${code(shapeText(route.reply))}${route.binary ? ', bytes beside' : ''}` : '',
          ],
        ]
      : [],
  );
  const listens: [SpokeVerb | 'answer.>', string, string][] = [
    ['wake', 'said by the hub', 'doorbell after a commit, with the document inside when it is small'],
    ['ask', 'said by the hub', 'snapshot, stop, live, tree, diff, refresh'],
    ['answer.>', 'said by the agent', 'answers to an `ask`, below its token'],
  ];
  return table(
    ['Subject', 'Direction', 'Served by', 'Content', 'Reply'],
    [...rows, ...listens.map(([verb, direction, text]) => [code(anySpokeSubject(verb)), direction, '', text, ''])],
  );
}

function verbBlocks(service: HubService): string[] {
  const rows = routesOf(service).flatMap((route) =>
    'verb' in route
      ? [[code(hubSubject(service, route.verb)), code(shapeText(route.request)), code(shapeText(route.reply)), seconds(route.timeoutMs)]]
      : [],
  );
  return rows.length === 0 ? [] : [`### ${service}`, table(['Subject', 'Request', 'Reply', 'Time limit'], rows)];
}

function eventRows(): string[][] {
  const heard = new Map<string, string[]>(Object.keys(EVENTS).map((subject) => [subject, []]));
  heard.get(CHANGES_MOVED)?.push('every service');
  for (const { service, route } of everywhere())
    if ('event' in route)
      heard.set(route.event, [...(heard.get(route.event) ?? []), `${service}${route.everyCopy ? ' (every copy)' : ''}`]);
  return [...heard].map(([subject, services]) => [code(subject), EVENTS[subject] ?? contentOf(subject), services.join(', ')]);
}

function contentOf(subject: string): string {
  const route = everywhere().find((entry) => 'event' in entry.route && entry.route.event === subject)?.route;
  return route && 'event' in route && route.content ? code(shapeText(route.content)) : '';
}

function changeRows(): string[][] {
  return everywhere().flatMap(({ service, route }) =>
    'kinds' in route ? [[service, route.kinds.join(', '), code(String(route.use)), route.resyncMs ? seconds(route.resyncMs) : '']] : [],
  );
}

function timerRows(): string[][] {
  return everywhere().flatMap(({ service, route }) =>
    'every' in route
      ? [
          [
            service,
            route.use === 'judge' ? 'by the beat interval' : `${route.every} ms`,
            code(String(route.use)),
            code(route.singleton ?? ''),
          ],
        ]
      : [],
  );
}

function servicePermissions(service: HubService): string {
  const account = (name: string, permissions: ReturnType<typeof spokesPermissions>): string[][] =>
    permissions ? permissionRows(permissions).map(([may = '', subject = '']) => [name, may, subject]) : [];
  return table(
    ['Account', 'May', 'Subject'],
    [...account('HUB', hubPermissions(service)), ...account('SPOKES', spokesPermissions(service))],
  );
}

function permissionRows({ publish, subscribe }: { publish: readonly string[]; subscribe: readonly string[] }): string[][] {
  return [...publish.map((subject) => ['publish', code(subject)]), ...subscribe.map((subject) => ['subscribe', code(subject)])];
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${ms / 1000} s`;
}
