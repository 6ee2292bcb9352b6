/**
 * What is reported of a target's assignment as it is now: `succeeded` = every member Synced and Healthy on it, `absent` = no member is
 * left there. A report on an earlier assignment is `progressing`.
 */
export interface Observation {
  isConnected: boolean;
  outcome: 'progressing' | 'succeeded' | 'failed' | 'absent';
  message: string;
  /** By the newest report, whatever it is a report on; out of sync or not. */
  isHealthy?: boolean;
  /** There is a report on the assignment it has now. */
  hasReport?: boolean;
}
/** By the key of a target. */
export type Observations = (key: string) => Observation;
