import { isObject } from '@flotilla/kernel';
import type { KubeObject, RequestUser } from '../storage.js';
import { type ApiResource, defineResource, type ResourceSchema } from './api-resource.js';
import type { AccessAttributes, AccessRule, Authorizer } from './authorizer.js';

const AUTHORIZATION = { group: 'authorization.k8s.io', version: 'v1' } as const;

/** The kinds by which clients ask what they may do and who they are. `schema` is one that keeps unknown fields. */
export function reviewResources(authorizer: Authorizer, schema: ResourceSchema): ApiResource[] {
  const define = (kind: string, rest: Partial<ApiResource> & { group: string; version: string }): ApiResource =>
    defineResource({ kind, plural: `${kind.toLowerCase()}s`, namespaced: false, schema, ...rest });
  return [
    define('SelfSubjectAccessReview', { ...AUTHORIZATION, review: (object, user) => reviewAccess(object, user, authorizer) }),
    define('SelfSubjectRulesReview', { ...AUTHORIZATION, review: (object, user) => reviewRules(object, user, authorizer) }),
    define('SelfSubjectReview', {
      group: 'authentication.k8s.io',
      version: 'v1',
      review: (object, user) => ({ ...object, status: { userInfo: { username: user.name, groups: user.groups } } }),
    }),
  ];
}

async function reviewAccess(object: KubeObject, user: RequestUser, authorizer: Authorizer): Promise<KubeObject> {
  const spec = isObject(object.spec) ? object.spec : {};
  return { ...object, status: { ...(await authorizer.authorize(user, readAttributes(spec))) } };
}

function readAttributes(spec: Record<string, unknown>): AccessAttributes {
  const text = (from: Record<string, unknown>, key: string): string => (typeof from[key] === 'string' ? from[key] : '');
  if (isObject(spec.nonResourceAttributes)) {
    return { verb: text(spec.nonResourceAttributes, 'verb'), path: text(spec.nonResourceAttributes, 'path') };
  }
  const asked = isObject(spec.resourceAttributes) ? spec.resourceAttributes : {};
  return {
    verb: text(asked, 'verb'),
    group: text(asked, 'group'),
    version: text(asked, 'version'),
    resource: text(asked, 'resource'),
    subresource: text(asked, 'subresource'),
    namespace: text(asked, 'namespace'),
    name: text(asked, 'name'),
  };
}

async function reviewRules(object: KubeObject, user: RequestUser, authorizer: Authorizer): Promise<KubeObject> {
  const spec = isObject(object.spec) ? object.spec : {};
  const rules = await authorizer.rules(user, typeof spec.namespace === 'string' ? spec.namespace : '');
  const status = {
    resourceRules: rules.filter((rule) => !rule.nonResourceURLs).map(plain),
    nonResourceRules: rules.filter((rule) => rule.nonResourceURLs).map(plain),
    incomplete: false,
  };
  return { ...object, spec: {}, status };
}

function plain(rule: AccessRule): Record<string, unknown> {
  return { ...rule };
}
