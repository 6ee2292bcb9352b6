import { z } from 'zod';
import { paramSet } from '../params/params.js';
import { plainParams } from '../params/plain-params.js';
import { valuesSchema, withValues } from '../params/values.js';
import { defineGenerator, type Generator, type GeneratorContext, type HostAnswer, type HostPorts, noInputs } from './generator.js';
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
  ask: (hosts: HostPorts, spec: unknown, isGo: boolean) => Promise<readonly HostAnswer[]>,
): Generator {
  return defineGenerator<HostSpec>({
    key,
    schema,
    inputs: (spec) => ({ ...noInputs, requeueSeconds: [spec.requeueAfterSeconds || REQUEUE_SECONDS] }),
    generate: async (spec, context) => {
      const { values, template: _template, ...asked } = spec;
      const answers = permittedAnswers(await ask(hostsOf(context), asked, context.mode.isGo), context);
      if (answers.length === 0) context.warn(`${context.path}: nothing matches its filters`);
      return answers.map(({ params }, element) => {
        const own = context.mode.isGo ? { ...params } : plainParams(params);
        return paramSet(withValues(own, values, context), { generator: context.path, element });
      });
    },
  });
}

/**
 * A project's sets see the repositories it permits, by any address the host gives or the same one over HTTPS. What a host does
 * not place is permitted by a project that permits everything.
 */
function permittedAnswers(answers: readonly HostAnswer[], { ports: { scope }, path, warn }: GeneratorContext): readonly HostAnswer[] {
  if (!scope) return answers;
  const permitted = answers.filter(({ repositoryUrls }) => {
    const [first = '', ...others] = repositoryUrls.flatMap((url) => [url, overHttps(url)]);
    return scope.refuseRepository(first, others) === undefined;
  });
  const left = answers.length - permitted.length;
  if (left > 0)
    warn(`${path}: ${left} of ${answers.length} answers are of repositories that AppProject ${scope.project} does not permit and left out`);
  return permitted;
}

/** `git@host:path`, `ssh://git@host/path` and `https://user@host/path` as people write them in a project. */
function overHttps(url: string): string {
  const [, host, path] = /^(?:ssh:\/\/|https:\/\/)?[^@/\s]+@([^:/\s]+)(?::\d+\/|[:/])(.*)$/.exec(url) ?? [];
  return host === undefined || path === undefined ? url : `https://${host}/${path}`;
}

/** @throws GeneratorError where no server can be asked */
export function hostsOf({ ports, path }: GeneratorContext): HostPorts {
  if (!ports.hosts) throw new GeneratorError(path, 'it asks another server, and none can be asked from here');
  return ports.hosts;
}
