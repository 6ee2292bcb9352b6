import type { RequestUser } from '../storage.js';

/** What a request would do, as a SubjectAccessReview asks it. */
export interface AccessAttributes {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; `get` for paths that are no resource. */
  verb: string;
  group?: string;
  version?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** Set instead of `resource` for paths such as `/version`. */
  path?: string;
}

export interface AccessDecision {
  allowed: boolean;
  reason?: string;
}

export interface AccessRule {
  verbs: readonly string[];
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
}

/** Decides requests and answers the self-subject reviews. */
export interface Authorizer {
  authorize(user: RequestUser, attributes: AccessAttributes): AccessDecision | Promise<AccessDecision>;
  /** The rules of a user in a namespace, for SelfSubjectRulesReview (`kubectl auth can-i --list`). */
  rules(user: RequestUser, namespace: string): readonly AccessRule[] | Promise<readonly AccessRule[]>;
}

/** Everybody may do everything: a simulated cluster behind its own token. */
export const allowAll: Authorizer = {
  authorize: () => ({ allowed: true }),
  rules: () => [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ],
};
