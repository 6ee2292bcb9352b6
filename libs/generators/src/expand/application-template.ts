import { type ApplicationSet, applicationSpecSchema, leafTypeAt } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { compileJson, compileJsonText, type JsonTemplate, type LeafType } from '@flotilla/templating';

export const RESOURCES_FINALIZER = 'resources-finalizer.argocd.argoproj.io';

/** The template of one generator, compiled: the document, its form for an empty parameter set, and the text of its name; all with the same `names`. */
export interface ApplicationTemplateCode {
  document: JsonTemplate;
  name: JsonTemplate;
  /** Argo CD returns the template as it stands, without the default finalizer, for a set without parameters. */
  bare: JsonTemplate;
}

/** Fields in which an unresolved tag would deploy the wrong thing or to the wrong place. */
const STRICT = /^(metadata\.name|spec\.project|spec\.destination(\..*)?|spec\.(source|sources\[\d+\])\.(repoURL|path|targetRevision))$/;

export const isStrictPath = (path: string): boolean => STRICT.test(path);

/**
 * The namespace is always the set's; the finalizer is added when the template names none and resources are not preserved.
 * Source: argo-cd applicationset/controllers/template/template.go.
 */
export function applicationDocuments(template: unknown, set: ApplicationSet): { full: unknown; bare: unknown; name: string } {
  const preserve = set.spec.syncPolicy?.preserveResourcesOnDeletion === true;
  const base = isObject(template) ? template : {};
  const metadata = isObject(base.metadata) ? base.metadata : {};
  const given = Array.isArray(metadata.finalizers) && metadata.finalizers.length > 0 ? metadata.finalizers : undefined;
  const document = (finalizers: unknown) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: metadata.name,
      namespace: set.metadata.namespace,
      labels: metadata.labels,
      annotations: metadata.annotations,
      finalizers,
    },
    spec: base.spec ?? {},
  });
  return {
    full: document(given ?? (preserve ? undefined : [RESOURCES_FINALIZER])),
    bare: document(given),
    name: typeof metadata.name === 'string' ? metadata.name : '',
  };
}

export function compileApplicationTemplate(template: unknown, set: ApplicationSet): ApplicationTemplateCode {
  const { full, bare, name } = applicationDocuments(template, set);
  const code = compileJson(full, leafType);
  return { document: code, name: compileJsonText(name, code.names), bare: compileJson(bare, leafType, code.names) };
}

function leafType(path: string): LeafType | undefined {
  return path.startsWith('spec.') ? leafTypeAt(applicationSpecSchema, path.slice('spec.'.length)) : undefined;
}
