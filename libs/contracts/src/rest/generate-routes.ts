import { z } from 'zod';
import { heldApplicationSchema } from '../messages/expander.js';
import { document, type RestRoute, route, SET } from './rest-route.js';

/** `application` takes names, separated by commas. */
const traceQuery = z.object({ application: z.string().optional() });
/** `held` are those that would not be written, the first 200 of `heldCount`. */
const generated = z.object({
  applications: z.array(document),
  warnings: z.array(z.string()),
  held: z.array(heldApplicationSchema),
  heldCount: z.number().int(),
});
const namedList = z.array(z.looseObject({ name: z.string() }));
const setPlan = z.object({
  report: z.looseObject({
    set: z.string(),
    create: namedList,
    change: namedList,
    delete: namedList,
    hold: namedList,
    refused: namedList,
    unchanged: z.number().int(),
  }),
  /** Each application before and after, as far as a set decides over it. */
  documents: z.array(z.looseObject({ name: z.string(), before: z.looseObject({}).optional(), after: z.looseObject({}).optional() })),
});
const setTrace = z.looseObject({
  set: z.string(),
  applications: namedList,
  unused: namedList,
  unmatched: z.array(z.looseObject({})),
  findings: z.array(z.string()),
});

/** What sets generate, would change, and where it comes from; none of it is stored. */
export const GENERATE_ROUTES: readonly RestRoute[] = [
  route('generateApplicationSet', 'POST', '/v1/applicationsets/generate', 'The applications a set would generate; nothing is stored', {
    request: z.object({ text: z.string() }),
    response: generated,
  }),
  route('generateStoredSet', 'GET', `${SET}/generate`, 'The applications a stored set generates now', {
    response: generated,
  }),
  route(
    'planApplicationSet',
    'POST',
    '/v1/applicationsets/generate/plan',
    'What storing a set would do to applications; nothing is stored',
    {
      request: z.object({ text: z.string() }),
      response: setPlan,
    },
  ),
  route('planStoredSet', 'GET', `${SET}/generate/plan`, 'What the next reconcile of a stored set does to its applications', {
    response: setPlan,
  }),
  route(
    'traceApplicationSet',
    'POST',
    '/v1/applicationsets/generate/trace',
    'Where the parameters of a set would come from; nothing is stored',
    {
      request: z.object({ text: z.string() }),
      query: traceQuery,
      response: setTrace,
    },
  ),
  route('traceStoredSet', 'GET', `${SET}/generate/trace`, 'Where the parameters of a stored set come from', {
    query: traceQuery,
    response: setTrace,
  }),
];
