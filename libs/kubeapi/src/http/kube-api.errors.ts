import { detailsOf, KubeApiError, qualify, type StatusCause } from './kube-status.js';

/** Builders of the errors a Kubernetes API server answers; texts, reasons and details are those of 1.36. */
type Resource = { group: string; plural: string };
type Kind = { group: string; kind: string };

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function notFound({ group, plural }: Resource, name: string): KubeApiError {
  return new KubeApiError(404, 'NotFound', `${qualify(group, plural)} "${name}" not found`, detailsOf(group, plural, name));
}

/** The resource itself is not served. */
export function noSuchResource(): KubeApiError {
  return new KubeApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists({ group, plural }: Resource, name: string): KubeApiError {
  return new KubeApiError(409, 'AlreadyExists', `${qualify(group, plural)} "${name}" already exists`, detailsOf(group, plural, name));
}

export function conflict(group: string, kind: string, name: string, cause: string): KubeApiError {
  const message = `Operation cannot be fulfilled on ${qualify(group, kind)} "${name}": ${cause}`;
  return new KubeApiError(409, 'Conflict', message, detailsOf(group, kind, name));
}

/** A write that another write overtook. */
export function modified({ group, plural }: Resource, name: string): KubeApiError {
  return conflict(group, plural, name, MODIFIED);
}

export function badRequest(message: string): KubeApiError {
  return new KubeApiError(400, 'BadRequest', message);
}

/** 422 with every cause, as the field validation of Kubernetes reports it. */
export function invalid({ group, kind }: Kind, name: string, causes: readonly StatusCause[]): KubeApiError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  // The real server names equal causes once in the text and all of them in the details.
  const unique = [...new Set(texts)];
  const text = unique.length === 1 ? unique[0] : `[${unique.join(', ')}]`;
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, causes: [...causes] };
  return new KubeApiError(422, 'Invalid', `${qualify(group, kind)} "${name}" is invalid: ${text}`, details);
}

/** Bad query parameters, reported under the name of their options type. */
export function invalidOptions(kind: string, cause: StatusCause): KubeApiError {
  return invalid({ group: 'meta.k8s.io', kind }, '', [cause]);
}

/** A patch whose result cannot be read as the kind. */
export function invalidPatch(value: string, cause: string): KubeApiError {
  const message = `Invalid value: ${JSON.stringify(value)}: ${cause}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return new KubeApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes });
}

/** A JSON patch that is well formed but does not fit the live object. */
export function patchDoesNotApply(): KubeApiError {
  return new KubeApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

export function methodNotAllowed(): KubeApiError {
  return new KubeApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

export function unsupportedMediaType(accepted: readonly string[]): KubeApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new KubeApiError(415, 'UnsupportedMediaType', message);
}

export function notAcceptable(): KubeApiError {
  const message = '406: Not Acceptable\n\nAvailable representations: application/json, application/json;stream=watch';
  return new KubeApiError(406, 'NotAcceptable', message, {});
}

export function tooLarge(limitBytes: number): KubeApiError {
  return new KubeApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`, {});
}

export function expired(message: string): KubeApiError {
  return new KubeApiError(410, 'Expired', message);
}

export function unauthorized(): KubeApiError {
  return new KubeApiError(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden({ group, plural }: Resource, name: string, cause: string): KubeApiError {
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
  const object = name === '' ? qualify(group, plural) : `${qualify(group, plural)} "${name}"`;
  return new KubeApiError(403, 'Forbidden', `${object} is forbidden: ${cause}`, details);
}

export function tooManyRequests(message: string): KubeApiError {
  return new KubeApiError(429, 'TooManyRequests', message, { retryAfterSeconds: 1 });
}

export function timedOut(message: string): KubeApiError {
  return new KubeApiError(504, 'Timeout', message, { retryAfterSeconds: 1 });
}

export function versionTooLarge(asked: string, current: string): KubeApiError {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new KubeApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes,
    retryAfterSeconds: 1,
  });
}

export function internal(message: string): KubeApiError {
  return new KubeApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}
