import { GENERATORS } from '@flotilla/generators';
import { pullRequestFilterSchema, repositoryFilterSchema, SCM_PROVIDERS, UNSUPPORTED_SCM_PROVIDERS } from '@flotilla/scm';
import { goFunctions } from '@flotilla/templating';
import type { z } from 'zod';
import { code, type Page, page, table } from './markdown.js';
import { fieldsOf } from './schema-shape-text.js';

/** Fields that Git hosts have beside their own, checked by libs/scm. */
const AROUND: Readonly<Record<string, z.ZodType>> = { scmProvider: repositoryFilterSchema, pullRequest: pullRequestFilterSchema };

export function generatorsPage(): Page {
  return page(
    'generators.md',
    'Generators and template functions',
    'Beside each generator may stand a `selector`, over the texts of its parameters; inside the outermost ones a `template`, laid over that of the set.',
    ...GENERATORS.flatMap(({ key, schema }) => {
      const filter = AROUND[key];
      return [
        `## ${key}`,
        table(
          ['Field', 'Type'],
          [
            ...rows(schema),
            ...(filter ? [...hostRows(key), ['`filters`', `list of ${names(fieldsOf(filter).map(({ name }) => name))}`]] : []),
          ],
        ),
      ];
    }),
    '## Git hosts',
    table(
      ['Host', '`scmProvider`', '`pullRequest`'],
      SCM_PROVIDERS.map(({ repositories, pullRequests }) => [
        code(repositories.key),
        names(fieldsOf(repositories.schema).map(({ name }) => name)),
        names(fieldsOf(pullRequests.schema).map(({ name }) => name)),
      ]),
    ),
    `Named in an error instead of asked: ${names(UNSUPPORTED_SCM_PROVIDERS)}.`,
    '## Functions of Go templates',
    'Go text/template with those of Masterminds/sprig 3.3 that Argo CD allows, and its own. In ApplicationSets those that give another result each time are an error.',
    names(Object.keys(goFunctions).sort()),
  );
}

const rows = (schema: z.ZodType): string[][] =>
  fieldsOf(schema).map(({ name, isRequired, shape }) => [`${code(name)}${isRequired ? ', required' : ''}`, shape]);

/** One of them names the host. */
function hostRows(key: string): string[][] {
  const sources = SCM_PROVIDERS.map(({ repositories, pullRequests }) => (key === 'scmProvider' ? repositories : pullRequests));
  return [[`one of ${names(sources.map((source) => source.key))}`, 'see Git hosts']];
}

const names = (all: readonly string[]): string => all.map(code).join(', ');
