import { z } from 'zod';
import { type Params, paramSet } from '../params/params.js';
import { plainParams } from '../params/plain-params.js';
import { valuesSchema, withValues } from '../params/values.js';
import { defineGenerator, type Generator, type GeneratorContext, type HostPorts, noInputs } from './generator.js';
import { GeneratorError } from './generators.errors.js';

/** The host's own fields are checked by whoever asks it, which knows every host. */
const schema = z.looseObject({
  values: valuesSchema,
  requeueAfterSeconds: z.number().optional(),
  template: z.unknown().optional(),
});
type HostSpec = z.infer<typeof schema>;

/** Argo CD asks Git hosts and plugins again so often. */
export const REQUEUE_SECONDS = 1_800;

/** A generator whose sets somebody else makes: one question with the filled spec, one set per answer. */
export function hostGenerator(
  key: 'scmProvider' | 'pullRequest',
  ask: (hosts: HostPorts, spec: unknown, isGo: boolean) => Promise<readonly Params[]>,
): Generator {
  return defineGenerator<HostSpec>({
    key,
    schema,
    inputs: (spec) => ({ ...noInputs, requeueSeconds: [spec.requeueAfterSeconds || REQUEUE_SECONDS] }),
    generate: async (spec, context) => {
      const { values, template: _template, ...own } = spec;
      const answers = permittedAnswers(await ask(hostsOf(context), own, context.mode.isGo), context);
      if (answers.length === 0) context.warn(`${context.path}: nothing matches its filters`);
      return answers.map((answer, element) => {
        const params = context.mode.isGo ? { ...answer } : plainParams(answer);
        return paramSet(withValues(params, values, context), { generator: context.path, element });
      });
    },
  });
}

/** A project's sets see the repositories it permits, by the address the host gives or by the same one over HTTPS. */
function permittedAnswers(answers: readonly Params[], { ports: { scope }, path, warn }: GeneratorContext): readonly Params[] {
  if (!scope) return answers;
  const permitted = answers.filter(({ url }) => {
    if (typeof url !== 'string') return true;
    return [url, overHttps(url)].some((address) => scope.refuseRepository(address) === undefined);
  });
  const left = answers.length - permitted.length;
  if (left > 0)
    warn(`${path}: ${left} of ${answers.length} answers are of repositories that AppProject ${scope.project} does not permit and left out`);
  return permitted;
}

/** `git@host:path` and `ssh://git@host/path` as people write them in a project. */
function overHttps(url: string): string {
  const [, host, path] = /^(?:ssh:\/\/)?[^@/\s]+@([^:/\s]+)(?::\d+\/|[:/])(.*)$/.exec(url) ?? [];
  return host === undefined || path === undefined ? url : `https://${host}/${path}`;
}

/** @throws GeneratorError where no server can be asked */
export function hostsOf({ ports, path }: GeneratorContext): HostPorts {
  if (!ports.hosts) throw new GeneratorError(path, 'it asks another server, and none can be asked from here');
  return ports.hosts;
}
