import { type Clock, messageOf } from '@flotilla/kernel';
import type { Log } from '../log.js';
import { type AppRecord, writeAppRecord } from '../plan/app-record.js';
import type { AgentState } from './agent-state.js';
import type { ClusterBackup } from './cluster-backup.js';

/** The copy in the cluster follows the disk at this distance, however much changes. */
const BACKUP_DELAY_MS = 5_000;

/** Writes records when they changed, one write of a record at a time, and lets the backup follow. */
export class RecordKeeper {
  readonly #state: AgentState;
  readonly #backup: ClusterBackup | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #written = new Map<string, string>();
  readonly #stopping = new AbortController();
  #pending: Promise<void> | undefined;

  constructor(state: AgentState, backup: ClusterBackup | undefined, clock: Clock, log: Log) {
    this.#state = state;
    this.#backup = backup;
    this.#clock = clock;
    this.#log = log;
  }

  async save(record: AppRecord): Promise<void> {
    const text = writeAppRecord(record);
    if (this.#written.get(record.uid) === text) return;
    await this.#state.saveRecord(record);
    this.#written.set(record.uid, text);
    this.backupSoon();
  }

  async forget(uid: string): Promise<void> {
    this.#written.delete(uid);
    await this.#state.removeRecord(uid);
    this.backupSoon();
  }

  backupSoon(): void {
    if (!this.#backup || this.#pending || this.#stopping.signal.aborted) return;
    this.#pending = this.#run(this.#backup);
  }

  /** Lets a backup under way end; one that only waits is left out. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#pending;
  }

  async #run(backup: ClusterBackup): Promise<void> {
    try {
      await this.#clock.sleep(BACKUP_DELAY_MS, this.#stopping.signal);
      this.#pending = undefined;
      await backup.save();
    } catch (error) {
      this.#pending = undefined;
      if (!this.#stopping.signal.aborted) this.#log('warn', 'backup failed', { error: messageOf(error) });
    }
  }
}
