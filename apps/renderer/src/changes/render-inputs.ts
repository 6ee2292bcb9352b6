import { type Application, type RenderRequest, sourcesOf } from '@flotilla/contracts';
import { type Digest, digestBytes } from '@flotilla/kernel';

/** The variables of a source that say which commit it is: they make every commit another input. */
const REVISION_VARIABLE = 'ARGOCD_APP_REVISION';

/**
 * A digest of everything a render depends on beside the content of its sources. The order of keys counts: a document that was
 * written anew in another order is planned once more, which is all it costs.
 */
export function renderInputs({ metadata, spec }: Application, item: RenderRequest['items'][number]): Digest {
  const sources = sourcesOf(spec);
  const text = JSON.stringify(sources);
  return digestBytes(
    JSON.stringify([
      metadata.name,
      item.namespace,
      spec.project,
      spec.destination.namespace,
      spec.syncPolicy?.automated?.allowEmpty,
      item.kubernetesVersion,
      item.apiVersions,
      item.secrets,
      text.includes(REVISION_VARIABLE) ? item.commits : [],
      text,
    ]),
  );
}
