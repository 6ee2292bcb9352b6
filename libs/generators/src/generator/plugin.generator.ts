import { z } from 'zod';
import { paramSet } from '../params/params.js';
import { plainParams } from '../params/plain-params.js';
import { valuesSchema, withValues } from '../params/values.js';
import { defineGenerator, noInputs } from './generator.js';
import { hostsOf, REQUEUE_SECONDS } from './host-generator.js';

const pluginSchema = z.object({
  configMapRef: z.object({ name: z.string().min(1) }),
  input: z.object({ parameters: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  values: valuesSchema,
  requeueAfterSeconds: z.number().optional(),
  template: z.unknown().optional(),
});

/** Sets that a service of the user's own makes, asked over HTTP. Source: argo-cd applicationset/generators/plugin.go. */
export const pluginGenerator = defineGenerator<z.infer<typeof pluginSchema>>({
  key: 'plugin',
  schema: pluginSchema,
  inputs: (spec) => ({ ...noInputs, requeueSeconds: [spec.requeueAfterSeconds || REQUEUE_SECONDS] }),
  generate: async (spec, context) => {
    const parameters = spec.input?.parameters ?? {};
    const answers = await hostsOf(context).plugin(spec.configMapRef.name, parameters);
    return answers.map((answer, element) => {
      const whole = { ...answer, generator: { input: { parameters } } };
      const params = context.mode.isGo ? whole : plainParams(whole);
      return paramSet(withValues(params, spec.values, context), { generator: context.path, element });
    });
  },
});
