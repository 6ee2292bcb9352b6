import { ExprBudget, ExprError, ExprFunction, repoNamespace, stringsNamespace, timeNamespace } from '@flotilla/expr';
import { isObject } from '@flotilla/kernel';
import { CallError, defineFunction, GoMap, GoStruct, type GoValue, toGoValue } from '@flotilla/templating';

export interface TemplateInput {
  /** `app`, `appProject`, `rollout`, `release`, `cluster`: JSON. */
  variables: Readonly<Record<string, unknown>>;
  context: Readonly<Record<string, string>>;
  secrets: ReadonlyMap<string, string>;
  serviceType: string;
  recipient: string;
  now: () => number;
}

/** The data of a template. Whole numbers are int64 as in Kubernetes documents; secrets are text, where Argo CD prints their bytes. */
export function templateVariables({ variables, context, secrets, serviceType, recipient, now }: TemplateInput): GoMap {
  const data = toGoValue({ ...(wholeNumbers(variables) as object), context, serviceType, recipient, secrets });
  const root = data as GoMap;
  const namespaces = { time: timeNamespace(now), strings: stringsNamespace, repo: repoNamespace };
  for (const [name, members] of Object.entries(namespaces)) {
    root.entries.set(name, new GoMap(Object.entries(members).map(([key, member]) => [key, toTemplateValue(member, `${name}.${key}`)])));
  }
  return root;
}

/** What an expression calls, a template calls by `call .time.Parse x`. */
function toTemplateValue(member: unknown, name: string): GoValue {
  if (!(member instanceof ExprFunction)) return member instanceof GoStruct ? member : toGoValue(member);
  return defineFunction(['...string'], (tools, ...args) => {
    try {
      tools.budget.step(10);
      const value = member.call(args, new ExprBudget({ maxText: tools.budget.limits.maxText }));
      return value instanceof GoStruct ? value : toGoValue(value);
    } catch (error) {
      if (error instanceof ExprError) throw new CallError(`${name}: ${error.message}`);
      throw error;
    }
  });
}

function wholeNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(wholeNumbers);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, wholeNumbers(member)]));
}
