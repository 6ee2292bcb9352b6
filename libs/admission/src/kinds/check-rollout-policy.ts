import type { RolloutPolicy, StageOptions } from '@flotilla/contracts';
import { messageOf } from '@flotilla/kernel';
import { parseLabelSelector } from '@flotilla/selector';
import type { Findings, KindRule } from '../admission.js';
import { checkDuration } from './check-duration.js';

export const checkRolloutPolicy: KindRule = (document, findings) => {
  const { spec } = document as unknown as RolloutPolicy;
  checkOptions(spec, 'spec', findings);
  const names = spec.stages.map(({ name }) => name);
  for (const [i, stage] of spec.stages.entries()) {
    const field = `spec.stages[${i}]`;
    checkOptions(stage, field, findings);
    if (stage.name === '') findings.error(`${field}.name`, 'is required');
    if (names.indexOf(stage.name) !== i)
      findings.error(`${field}.name`, `${JSON.stringify(stage.name)} is already the name of another stage`);
    if (stage.count !== undefined && stage.percent !== undefined) findings.error(field, 'takes count or percent, not both');
    checkSelector(stage.clusterSelector, `${field}.clusterSelector`, findings);
    const takesRest = !stage.clusterSelector && stage.count === undefined && stage.percent === undefined;
    if (takesRest && i < spec.stages.length - 1) {
      findings.warn(
        `${field} takes every remaining cluster, so the stages after it are empty; give it a clusterSelector, count or percent`,
      );
    }
  }
};

function checkOptions(options: StageOptions, path: string, findings: Findings): void {
  checkDuration(options.soak, `${path}.soak`, findings);
  checkDuration(options.timeout, `${path}.timeout`, findings);
  checkAmount(options.maxConcurrent, `${path}.maxConcurrent`, 1, findings);
  checkAmount(options.maxFailures, `${path}.maxFailures`, 0, findings);
}

/** A whole number, or a percentage as text. */
function checkAmount(value: number | string | undefined, field: string, min: number, findings: Findings): void {
  if (value === undefined) return;
  const text = String(value);
  const percent = /^(\d{1,3})%$/.exec(text);
  if (percent ? Number(percent[1]) <= 100 && (min === 0 || Number(percent[1]) > 0) : /^\d+$/.test(text) && Number(text) >= min) return;
  findings.error(field, `${JSON.stringify(value)} must be a whole number of at least ${min} or a percentage such as "25%"`);
}

function checkSelector(selector: RolloutPolicy['spec']['stages'][number]['clusterSelector'], field: string, findings: Findings): void {
  try {
    parseLabelSelector(selector);
  } catch (error) {
    findings.error(field, messageOf(error));
  }
}
