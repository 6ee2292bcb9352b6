import type { ParameterSource, SetTrace, TracedApplication } from '@flotilla/generators';
import type { FieldChange, PlannedDocument, PlannedSet, PlanReport } from '@flotilla/setplan';
import type { Generated } from '../verbs/set-verbs.js';
import { protoStruct, protoValue } from './proto-value.js';

/** Answers about sets as the messages of application_sets.proto; field names as the proto has them. */
export function* generateMessages({ applications, warnings, held }: Generated) {
  yield { summary: { applications: applications.length } };
  for (const warning of warnings) yield { warning };
  for (const { name, reason, message } of held) yield { warning: `${name} is not written (${reason}): ${message}` };
  for (const application of applications) yield { application: protoStruct(application) };
}

export function* traceMessages({ set, applications, more, unused, unmatched, findings }: SetTrace) {
  yield { summary: { set, applications: applications.length, more } };
  for (const finding of findings) yield { finding };
  for (const application of applications) yield { application: tracedMessage(application) };
  for (const { name, sets, source } of unused) yield { unused: { name, sets, source: sourceMessage(source) } };
  for (const { source, against } of unmatched) yield { unmatched: { source: sourceMessage(source), against } };
}

function tracedMessage({ name, held, parameters }: TracedApplication) {
  return {
    name,
    held,
    parameters: parameters.map(({ source, overridden = [], ...parameter }) => ({
      name: parameter.name,
      fields: parameter.fields,
      ...valueMessage('value', parameter.value),
      ...(source ? { source: sourceMessage(source) } : {}),
      overridden: overridden.map((one) => ({ value: protoValue(one.value), source: sourceMessage(one.source) })),
    })),
  };
}

/** Its fields have the same names on both sides. */
const sourceMessage = (source: ParameterSource): object => ({ ...source });

const ACTIONS = { CREATE: 1, CHANGE: 2, DELETE: 3, HOLD: 4, DELETE_LATER: 5, REFUSE: 6, WAIT: 7 } as const;

/** The gravest first. */
export function* planMessages({ report, documents }: PlannedSet) {
  yield { summary: { set: report.set, rule: report.rule, unchanged: report.unchanged } };
  for (const warning of report.warnings) yield { warning };
  const byName = new Map(documents.map((document) => [document.name, document]));
  for (const application of plannedOf(report)) yield { application: { ...application, ...statesOf(byName.get(application.name)) } };
}

function* plannedOf({ create, change, delete: gone, hold, pending, refused, waiting }: PlanReport) {
  for (const one of hold) yield { action: ACTIONS.HOLD, ...one };
  for (const { name, message } of refused) yield { action: ACTIONS.REFUSE, name, reason: message };
  for (const one of gone) yield { action: ACTIONS.DELETE, ...one };
  for (const { deleteAfter, ...one } of pending) yield { action: ACTIONS.DELETE_LATER, ...one, delete_after: deleteAfter };
  for (const one of change) yield { action: ACTIONS.CHANGE, ...one, fields: one.fields.map(changeMessage) };
  for (const one of create) yield { action: ACTIONS.CREATE, ...one };
  for (const name of waiting) yield { action: ACTIONS.WAIT, name };
}

const changeMessage = (change: FieldChange): object => ({
  path: change.path,
  ...valueMessage('old', change.old),
  ...valueMessage('new', change.new),
});

/** A value that is not there is not null. */
const valueMessage = (key: string, value: unknown): object => (value === undefined ? {} : { [key]: protoValue(value) });

const statesOf = ({ before, after }: Partial<PlannedDocument> = {}): object => ({
  ...(before ? { before: protoStruct(before) } : {}),
  ...(after ? { after: protoStruct(after) } : {}),
});
