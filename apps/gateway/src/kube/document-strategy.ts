import { type Admission, admit, type FieldError, findUnknownFields } from '@flotilla/admission';
import type { KindDefinition, Secret } from '@flotilla/contracts';
import type { Keyring } from '@flotilla/keyring';
import type { KubeObject, ResourceStrategy, StatusCause } from '@flotilla/kubeapi';
import type { ResourceStore } from '@flotilla/resources';
import { admissionInputs } from './admission-inputs.js';
import { describeMask, emptyMasks, foldSecret, maskSecret, maskUnchanged, revealSecret } from './secret-sealing.js';

export interface StrategyParts {
  store: ResourceStore;
  keyring: Keyring;
}

/**
 * Admission as the strategy of a kind: what is accepted is what it read, with its remarks as warnings. The storage
 * judges once more what depends on other documents, inside the transaction that writes.
 */
export function documentStrategy(definition: KindDefinition, parts: StrategyParts): ResourceStrategy {
  // The machinery hands the prepared object on to `validate` and `warnings` by identity.
  const findings = new WeakMap<KubeObject, Pick<Admission, 'errors' | 'warnings'>>();
  const isSecret = definition.kind === 'Secret';
  const prepare = async (object: KubeObject, live: KubeObject | undefined, strict: boolean): Promise<KubeObject> => {
    const { admission, prepared } = isSecret
      ? await admitSecret(object, live, strict, parts)
      : admitDocument(object, live, strict, await admissionInputs(parts.store, object, live));
    findings.set(prepared, admission);
    return prepared;
  };
  return {
    ...(isSecret ? { defaults: (object: KubeObject) => foldSecret(asSecret(object)) as unknown as KubeObject } : {}),
    prepareForCreate: (object, context) => prepare(object, undefined, context.fieldValidation === 'Strict'),
    prepareForUpdate: (object, live, context) =>
      context.subresource === 'status' ? object : prepare(object, live, context.fieldValidation === 'Strict'),
    validate: (object) => (findings.get(object)?.errors ?? []).map(asCause),
    warnings: (object) => findings.get(object)?.warnings ?? [],
    suggestField: (object, path) => findUnknownFields(definition.schema, object).find((unknown) => unknown.path === path)?.meant,
    mask: isSecret ? (object) => maskSecret(asSecret(object)) as unknown as KubeObject : undefined,
  };
}

interface Prepared {
  admission: Pick<Admission, 'errors' | 'warnings'>;
  prepared: KubeObject;
}

function admitDocument(
  object: KubeObject,
  live: KubeObject | undefined,
  strict: boolean,
  inputs: Awaited<ReturnType<typeof admissionInputs>> = {},
): Prepared {
  const admission = admit(object, { strict, previous: live as never, ...inputs });
  return { admission, prepared: { ...((admission.document as KubeObject | undefined) ?? object) } };
}

/** A Secret is judged by its values, the stored ones included; what stays as it is leaves as a mask. */
async function admitSecret(object: KubeObject, live: KubeObject | undefined, strict: boolean, parts: StrategyParts): Promise<Prepared> {
  const { name, namespace = '' } = object.metadata;
  const stored = live && (await parts.store.get<Secret>({ kind: 'Secret', namespace, name }));
  const masks = emptyMasks(asSecret(object), stored);
  if (masks.length > 0) {
    const errors = masks.map((key) => ({ field: `data.${key}`, message: describeMask(key) }));
    return { admission: { errors, warnings: [] }, prepared: { ...object } };
  }
  const revealed = revealSecret(asSecret(object), stored, parts.keyring) as unknown as KubeObject;
  const { admission, prepared } = admitDocument(revealed, live, strict);
  return { admission, prepared: { ...maskUnchanged(asSecret(prepared), stored, parts.keyring) } as unknown as KubeObject };
}

export function asCause({ field, message }: FieldError): StatusCause {
  const isMissing = /\bis required\b|\bare required\b/.test(message);
  return {
    reason: isMissing ? 'FieldValueRequired' : 'FieldValueInvalid',
    message: isMissing ? `Required value: ${message}` : `Invalid value: ${message}`,
    field,
  };
}

function asSecret(object: KubeObject): Secret {
  return object as unknown as Secret;
}
