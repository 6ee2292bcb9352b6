/** Why an application cannot be released as it is now; becomes a condition of it. */
export interface Problem {
  uid: string;
  /** Condition type, Argo CD's where it has one. */
  type: string;
  message: string;
  /** The whole unit waits; otherwise only this application stays as it is. */
  isHolding: boolean;
  /** Time alone may help. */
  isPassing?: boolean;
  /** Something else may help, and is waited for; in case that is missed, look again after this time. */
  againMs?: number;
}
