/**
 * What a cluster says about the assignment it has now: `succeeded` = every member Synced and Healthy on it, `absent` = no member is
 * left there. A report on an earlier assignment is `progressing`.
 */
export interface Observation {
  isConnected: boolean;
  outcome: 'progressing' | 'succeeded' | 'failed' | 'absent';
  message: string;
}
export type Observations = (cluster: string) => Observation;
