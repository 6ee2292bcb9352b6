import type { Expr } from '@flotilla/expr';
import type { Requirement } from '@flotilla/selector';

/** Where Argo CD's users configure notifications. */
export const NOTIFICATIONS_CONFIG_MAP = 'argocd-notifications-cm';
export const NOTIFICATIONS_SECRET = 'argocd-notifications-secret';

/** Something wrong with one key; the rest of the configuration is used without it. */
export interface NotificationFinding {
  /** An error's key is not used; a warning's is, as the message says. */
  severity: 'error' | 'warning';
  /** Key of the ConfigMap's data. */
  key: string;
  /** 1-based line within the key's text. */
  line?: number;
  /** Cause and remedy; repeats no value that may be a secret. */
  message: string;
}

/** `service.<type>[.<name>]`: the YAML as written, its `$key` references not yet replaced. */
export interface NotificationService {
  key: string;
  type: string;
  name: string;
  settings: unknown;
}

export interface NotificationTemplate {
  name: string;
  /** The whole template: `message` and one member per type of service. Texts in it are Go templates. */
  sections: Readonly<Record<string, unknown>>;
  isBuiltIn: boolean;
}

export interface NotificationCondition {
  /** `[index].hash` of the condition, as Argo CD names it in its memory of what was sent. */
  id: string;
  when: Expr;
  send: readonly string[];
  oncePer?: Expr;
  description?: string;
}

/** Kinds of documents a trigger can be about, by the variable its conditions read. */
export const SUBJECT_KINDS = { app: 'Application', rollout: 'FleetRollout', cluster: 'Cluster' } as const;
export type SubjectVariable = keyof typeof SUBJECT_KINDS;
export type SubjectKind = (typeof SUBJECT_KINDS)[SubjectVariable];

export interface NotificationTrigger {
  name: string;
  kind: SubjectKind;
  conditions: readonly NotificationCondition[];
  isBuiltIn: boolean;
}

/** Whom a message goes to: a service by its name, and whatever that service calls a recipient; empty where it needs none. */
export interface Destination {
  service: string;
  recipient: string;
}

/** A member of `subscriptions`. */
export interface GlobalSubscription {
  destinations: readonly Destination[];
  /** Empty: the default triggers. */
  triggers: readonly string[];
  selector: readonly Requirement[];
}

/** `argocd-notifications-cm`, read. Members are looked up by their names. */
export interface NotificationConfig {
  services: ReadonlyMap<string, NotificationService>;
  templates: ReadonlyMap<string, NotificationTemplate>;
  triggers: ReadonlyMap<string, NotificationTrigger>;
  defaultTriggers: readonly string[];
  defaultTriggersByService: ReadonlyMap<string, readonly string[]>;
  subscriptions: readonly GlobalSubscription[];
  context: Readonly<Record<string, string>>;
  findings: readonly NotificationFinding[];
}
