import type { ExternalSecret } from '@flotilla/contracts';
import type { SecretParts } from '../grants/secret-object.js';
import { TemplateFiller } from './fill-template.js';

/** What the values of an ExternalSecret become (ESO pkg/controllers/externalsecret: setMetadata, applyTemplate). @throws SecretFault */
export function renderExternalSecret({ metadata, spec }: ExternalSecret, values: Readonly<Record<string, Uint8Array>>): SecretParts {
  const { template, immutable } = spec.target ?? {};
  const common = immutable === undefined ? {} : { immutable };
  // Without a template the Secret gets labels and annotations of the object that asks for it.
  if (!template) return { ...common, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {}, data: values };
  const filler = new TemplateFiller(values);
  const field = 'spec.target.template';
  const filled = filler.fillAll(template.data, `${field}.data`);
  const made = Object.fromEntries(Object.entries(filled).map(([key, text]) => [key, Buffer.from(text)]));
  const keepsValues = template.data === undefined || template.mergePolicy === 'Merge';
  return {
    ...common,
    ...(template.type ? { type: template.type } : {}),
    labels: filler.fillAll(template.metadata?.labels, `${field}.metadata.labels`),
    annotations: filler.fillAll(template.metadata?.annotations, `${field}.metadata.annotations`),
    data: keepsValues ? { ...values, ...made } : made,
  };
}
