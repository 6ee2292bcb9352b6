import { InvalidInputError } from '@flotilla/kernel';
import type { Requirement } from './requirement.js';

/** The `labelSelector` of a Kubernetes document. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
const CLAUSE = /^(!?)\s*([^\s!=<>,()]+)\s*(?:(==|=|!=|>|<)\s*([^\s,()]*)|\s(in|notin)\s*\(([^)]*)\))?$/;

/**
 * Reads the document form. An empty or absent selector selects everything.
 * @throws InvalidInputError naming the clause
 */
export function parseLabelSelector(selector: LabelSelector | undefined): Requirement[] {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]): Requirement => ({ key, operator: 'In', values: [value] }));
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }, i): Requirement => {
    const known = OPERATORS.find((name) => name === operator);
    if (!known)
      throw new InvalidInputError(`matchExpressions[${i}].operator ${JSON.stringify(operator)} is not one of ${OPERATORS.join(', ')}`);
    if ((known === 'In' || known === 'NotIn') && values.length === 0) {
      throw new InvalidInputError(`matchExpressions[${i}].values must not be empty for operator ${known}`);
    }
    return { key, operator: known, values };
  });
  return [...labels, ...expressions];
}

/**
 * Reads the query form of `kubectl -l`: `a=b,c!=d,e in (f,g),!h,i`.
 * @throws InvalidInputError naming the clause
 */
export function parseSelectorText(text: string): Requirement[] {
  return splitClauses(text).map((clause) => {
    const match = CLAUSE.exec(clause);
    if (!match) throw new InvalidInputError(`${JSON.stringify(clause)} is not a label selector clause`);
    const [, not, key = '', sign, value = '', set, list = ''] = match;
    if (set) return { key, operator: set === 'in' ? 'In' : 'NotIn', values: list.split(',').map((item) => item.trim()) };
    if (sign === '>' || sign === '<') return { key, operator: sign === '>' ? 'Gt' : 'Lt', values: [value] };
    if (sign) return { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] };
    return { key, operator: not ? 'DoesNotExist' : 'Exists', values: [] };
  });
}

function splitClauses(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
}
