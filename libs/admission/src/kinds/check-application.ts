import {
  type Application,
  type ApplicationSource,
  type ApplicationSpec,
  CONTROL_NAMESPACE,
  clusterNameOf,
  serverOf,
  sourcesOf,
} from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { checkApplication as checkProjectRules, defaultProject } from '@flotilla/policy';
import { type AdmissionContext, type Findings, type KindRule, REQUIRED } from '../admission.js';
import { resolveDestination } from '../load-together.js';
import { checkGuardAnnotations } from './check-guard.js';
import { checkSyncPolicy } from './check-sync-policy.js';

/** Corrects or names what is missing before the schema speaks, so that every missing key is named at once. */
export const decodeApplication: KindRule = (document, findings) => {
  const spec = isObject(document.spec) ? document.spec : {};
  document.spec = spec;
  requireSpecFields(spec, 'spec', findings, true);
};

/** @param canDefault whether a missing project alone may become `default`. */
export function requireSpecFields(spec: Record<string, unknown>, path: string, findings: Findings, canDefault: boolean): void {
  const missing: string[] = [];
  if (spec.destinations !== undefined) {
    findings.error(
      `${path}.destinations`,
      'is not a field of Application; use spec.destination (one cluster) or an ApplicationSet with a list/clusters generator',
    );
    delete spec.destinations;
    spec.destination ??= {};
  }
  const sources = Array.isArray(spec.sources) && spec.sources.length > 0 ? spec.sources : undefined;
  if (!sources && (!isObject(spec.source) || spec.source.repoURL === undefined)) missing.push(`${path}.source.repoURL`);
  for (const [i, source] of (sources ?? []).entries()) {
    if (isObject(source) && source.repoURL === undefined) missing.push(`${path}.sources[${i}].repoURL`);
  }
  if (spec.destination === undefined || spec.destination === null) missing.push(`${path}.destination`);
  if (spec.project === undefined || spec.project === '') {
    if (missing.length > 0 || !canDefault) missing.unshift(`${path}.project`);
    else {
      spec.project = 'default';
      findings.warn(`${path}.project is missing; the project \`default\` is assumed`);
    }
  }
  for (const field of missing) findings.error(field, REQUIRED);
}

export const checkApplication: KindRule = (document, findings, context) => {
  const application = document as unknown as Application;
  checkSpec(application.spec, 'spec', findings);
  checkSyncPolicy(application, findings);
  checkGuardAnnotations(application, findings, context);
  const cluster = checkDestination(application.spec, findings, context);
  if (!context.project) return;
  const { project: name } = application.spec;
  const project = context.project(name) ?? (name === 'default' ? defaultProject(CONTROL_NAMESPACE) : undefined);
  if (!project) {
    findings.warn(`spec.project: AppProject ${name} does not exist; nothing is deployed until it does`);
    return;
  }
  for (const { field, message } of checkProjectRules(project, application, cluster)) findings.error(field, message);
};

/** Rules that need no inventory; shared with templates, whose texts may still hold tags. */
export function checkSpec(spec: ApplicationSpec, path: string, findings: Findings): void {
  const many = (spec.sources?.length ?? 0) > 0;
  if (many && spec.source) findings.warn(`${path}.source is ignored because ${path}.sources is set`);
  for (const [i, source] of sourcesOf(spec).entries()) checkSource(source, many ? `${path}.sources[${i}]` : `${path}.source`, findings);
  const { server, name } = spec.destination;
  if (server && name) findings.error(`${path}.destination`, "can't have both name and server");
  if (!server && !name) findings.error(`${path}.destination`, 'needs a server or a name');
  for (const [i, rule] of (spec.ignoreDifferences ?? []).entries()) {
    const bad = rule.jsonPointers?.find((pointer) => pointer !== '' && !pointer.startsWith('/'));
    if (bad !== undefined)
      findings.error(`${path}.ignoreDifferences[${i}].jsonPointers`, `${JSON.stringify(bad)} is no JSON pointer; it starts with "/"`);
  }
  if (spec.revisionHistoryLimit !== undefined && spec.revisionHistoryLimit < 0)
    findings.error(`${path}.revisionHistoryLimit`, 'must not be negative');
}

function checkSource(source: ApplicationSource, path: string, findings: Findings): void {
  if (source.repoURL === '') findings.error(`${path}.repoURL`, REQUIRED);
  if (!source.path && !source.chart && !source.ref) findings.error(path, 'needs a path or a chart');
  if (source.path?.startsWith('/')) findings.error(`${path}.path`, 'must be relative to the root of the repository');
  if (source.path?.split('/').includes('..')) findings.error(`${path}.path`, 'must not leave the repository with ".."');
  for (const [i, image] of (source.kustomize?.images ?? []).entries()) {
    const variable = /\$\{[^}]*\}/.exec(image)?.[0];
    if (variable) {
      const name = image.split('=')[0]!.replace(variable, '');
      findings.error(`${path}.kustomize.images[${i}]`, `holds an unresolved ${variable}; write ${name}=registry/${name}:tag`);
    }
  }
}

function checkDestination(spec: ApplicationSpec, findings: Findings, context: AdmissionContext) {
  if (!context.clusters) return {};
  const answer = resolveDestination(spec.destination, context.clusters);
  if ('error' in answer) findings.error('spec.destination', answer.error);
  if ('unknown' in answer) findings.warn(`spec.destination: ${answer.unknown}; the application waits for it`);
  if (!('cluster' in answer)) return {};
  const { cluster } = answer;
  return {
    server: serverOf(cluster),
    name: clusterNameOf(cluster),
    ...(cluster.spec.project ? { clusterProject: cluster.spec.project } : {}),
  };
}
