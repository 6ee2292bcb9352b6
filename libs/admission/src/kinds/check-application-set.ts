import {
  type ApplicationSet,
  type ApplicationSpec,
  applicationSpecSchema,
  CONTROL_NAMESPACE,
  ROLLOUT_POLICY_ANNOTATION,
} from '@flotilla/contracts';
import { faultOfGoOptions, lintSet, readEntry } from '@flotilla/generators';
import { isObject, messageOf } from '@flotilla/kernel';
import { compilePathExpression } from '@flotilla/kube';
import { readStrategy } from '@flotilla/policy';
import { type Findings, type KindRule, REQUIRED } from '../admission.js';
import { schemaErrors, valueAt } from '../schema-errors.js';
import { findUnknownFields } from '../unknown-fields.js';
import { checkSpec, requireSpecFields } from './check-application.js';
import { checkGuardAnnotations } from './check-guard.js';

/** Names what a set cannot do without before the schema speaks. */
export const decodeApplicationSet: KindRule = (document, findings) => {
  if (!isObject(document.spec)) document.spec = {};
  const spec = document.spec as Record<string, unknown>;
  if (!Array.isArray(spec.generators)) findings.error('spec.generators', REQUIRED);
  if (!isObject(spec.template)) findings.error('spec.template', REQUIRED);
};

export const checkApplicationSet: KindRule = (document, findings, context) => {
  const set = document as unknown as ApplicationSet;
  checkGuardAnnotations(document, findings, context);
  for (const [i, entry] of set.spec.generators.entries()) checkEntry(entry, `generators[${i}]`, findings, 0);
  const overridden = set.spec.generators.some((entry) => Object.values(entry).some((spec) => isObject(spec) && isObject(spec.template)));
  checkTemplate(set, findings, { complete: !overridden && !set.spec.templatePatch, strict: context.strict === true });
  checkProject(set, findings);
  const fault = faultOfGoOptions(set.spec.goTemplateOptions ?? []);
  if (fault) findings.error('spec.goTemplateOptions', fault);
  if (set.spec.templatePatch && !set.spec.goTemplate) {
    findings.warn('spec.templatePatch needs spec.goTemplate: true; until then the applications stay as they are');
  }
  checkStrategy(set, findings);
  for (const [i, rule] of (set.spec.ignoreApplicationDifferences ?? []).entries()) {
    for (const path of rule.jqPathExpressions ?? []) {
      const fault = faultOfPath(path);
      if (fault) findings.error(`spec.ignoreApplicationDifferences[${i}].jqPathExpressions`, `${JSON.stringify(path)}: ${fault}`);
    }
  }
  for (const warning of lintSet(set)) findings.warn(warning);
};

/** A name with a dash is a name in a plain path, where jq would subtract. */
const PLAIN_PATH = /^(\.[A-Za-z_][\w-]*)+$/;

/** Why an expression would not be in force: it is not jq, or more of jq than is read. */
function faultOfPath(path: string): string | undefined {
  if (PLAIN_PATH.test(path)) return undefined;
  try {
    compilePathExpression(path);
    return undefined;
  } catch (error) {
    return `${messageOf(error)}; write a path such as .spec.source.targetRevision, or a JSON pointer under jsonPointers`;
  }
}

/**
 * Sets of the control namespace are the administrator's, who may use every project. Any other set that left its project to a
 * parameter could reach projects its owner may not use.
 */
function checkProject({ metadata, spec }: ApplicationSet, findings: Findings): void {
  if ((metadata.namespace ?? CONTROL_NAMESPACE) === CONTROL_NAMESPACE) return;
  const own = spec.generators.flatMap((entry, i) =>
    Object.entries(entry).map(([key, use]): [string, unknown] => [`spec.generators[${i}].${key}.template`, isObject(use) && use.template]),
  );
  for (const [path, template] of [['spec.template', spec.template] as const, ...own]) {
    const inner = isObject(template) ? template.spec : undefined;
    const project = isObject(inner) ? inner.project : undefined;
    if (typeof project !== 'string' || !project.includes('{{')) continue;
    findings.error(
      `${path}.spec.project`,
      `may not depend on a parameter in namespace ${metadata.namespace}, whose sets may not use every project; write one name`,
    );
  }
}

function checkStrategy({ metadata, spec }: ApplicationSet, findings: Findings): void {
  const policy = metadata.annotations?.[ROLLOUT_POLICY_ANNOTATION];
  try {
    const { rolling, remarks } = readStrategy(spec.strategy);
    for (const remark of remarks) findings.warn(remark);
    if (rolling && policy) findings.warn(`spec.strategy is not in force: annotation ${ROLLOUT_POLICY_ANNOTATION}: ${policy} wins over it`);
  } catch (error) {
    const [field = '', ...rest] = messageOf(error).split(' ');
    findings.error(field, rest.join(' '));
  }
}

/** Unknown generators are errors. */
function checkEntry(entry: unknown, path: string, findings: Findings, depth: number): void {
  try {
    const read = readEntry(entry, path);
    for (const warning of read.warnings) findings.warn(warning);
    for (const { generator, spec, path: below } of read.uses) {
      const { children } = generator.inputs(spec);
      if (depth < 3) for (const [i, child] of children.entries()) checkEntry(child, `${below}.generators[${i}]`, findings, depth + 1);
    }
  } catch (error) {
    findings.error(`spec.${path}`, messageOf(error).replace(`${path}: `, '').replace(`${path}.`, ''));
  }
}

/** A template is an Application whose texts may hold tags: types that a tag may still become are let through. */
function checkTemplate(set: ApplicationSet, findings: Findings, mode: { complete: boolean; strict: boolean }): void {
  const path = 'spec.template.spec';
  const spec = structuredClone(set.spec.template.spec ?? {});
  if (mode.complete) {
    if (!set.spec.template.metadata?.name) findings.error('spec.template.metadata.name', REQUIRED);
    requireSpecFields(spec, path, findings, false);
  }
  for (const { path: field, meant } of findUnknownFields(applicationSpecSchema, spec, path)) {
    const hint = meant ? `; did you mean ${meant}` : '';
    if (mode.strict) findings.error(field, `is not a field of Application${hint}`);
    else findings.warn(`${field} is not a field of Application and is left out${hint}`);
  }
  const read = applicationSpecSchema.safeParse(spec);
  if (read.success) {
    if (mode.complete) checkSpec(read.data as ApplicationSpec, path, findings);
    return;
  }
  const issues = read.error.issues.filter((issue) => {
    const value = valueAt(spec, issue.path);
    return value !== undefined && !(typeof value === 'string' && value.includes('{{'));
  });
  for (const { field, message } of schemaErrors(issues, spec)) findings.error(`${path}.${field}`, message);
}
