import { type Admission, admit } from '@flotilla/admission';
import type { KindDefinition, Secret } from '@flotilla/contracts';
import type { Keyring } from '@flotilla/keyring';
import type { KubeObject, ResourceStrategy, StatusCause } from '@flotilla/kubeapi';
import { maskSecret, sealSecretData } from './secret-sealing.js';

/** Admission as the strategy of a kind: what is accepted is what it read, with its remarks as warnings. */
export function documentStrategy(definition: KindDefinition, keyring: Keyring): ResourceStrategy {
  // The machinery hands the prepared object on to `validate` and `warnings` by identity.
  const findings = new WeakMap<KubeObject, Admission>();
  const prepare = (object: KubeObject, live: KubeObject | undefined, strict: boolean): KubeObject => {
    const admission = admit(object, { strict, previous: live as never });
    const admitted = (admission.document as KubeObject | undefined) ?? object;
    const prepared = definition.kind === 'Secret' && admission.document ? seal(admitted, live, keyring) : { ...admitted };
    findings.set(prepared, admission);
    return prepared;
  };
  return {
    prepareForCreate: (object, context) => prepare(object, undefined, context.fieldValidation === 'Strict'),
    prepareForUpdate: (object, live, context) =>
      context.subresource === 'status' ? object : prepare(object, live, context.fieldValidation === 'Strict'),
    validate: (object) => (findings.get(object)?.errors ?? []).map(asCause),
    warnings: (object) => findings.get(object)?.warnings ?? [],
    mask: definition.kind === 'Secret' ? (object) => maskSecret(object as unknown as Secret) as unknown as KubeObject : undefined,
  };
}

function seal(object: KubeObject, live: KubeObject | undefined, keyring: Keyring): KubeObject {
  return sealSecretData(object as unknown as Secret, live as unknown as Secret | undefined, keyring) as unknown as KubeObject;
}

function asCause({ field, message }: Admission['errors'][number]): StatusCause {
  const isMissing = /\bis required\b|\bare required\b/.test(message);
  return {
    reason: isMissing ? 'FieldValueRequired' : 'FieldValueInvalid',
    message: isMissing ? `Required value: ${message}` : `Invalid value: ${message}`,
    field,
  };
}
