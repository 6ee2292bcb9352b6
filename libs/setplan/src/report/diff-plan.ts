import { writeYaml } from '@flotilla/yaml';
import type { PlannedDocument } from './plan-report.js';
import { unifiedDiff } from './unified-diff.js';

/** Unified diffs of the YAML of each application of a plan, one after the other; `''` when nothing changes. */
export function diffPlan(documents: readonly PlannedDocument[]): string {
  return documents.map(diffOne).join('');
}

function diffOne({ name, before, after }: PlannedDocument): string {
  const metadata = ((after ?? before)?.metadata ?? {}) as { namespace?: string };
  const file = `${metadata.namespace ? `${metadata.namespace}/` : ''}${name}.yaml`;
  const write = (document: object | undefined): string => (document ? writeYaml(document) : '');
  return unifiedDiff(write(before), write(after), { from: before ? `a/${file}` : '/dev/null', to: after ? `b/${file}` : '/dev/null' });
}
