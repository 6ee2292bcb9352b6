import { FlotillaError, type Retry } from '@flotilla/kernel';

/** Why a value could not be made or handed out; also the `reason` of the condition that says so. */
export type FaultReason =
  | 'SourceMissing'
  | 'SourceInvalid'
  | 'StoreNotFound'
  | 'StoreInvalid'
  | 'StoreForbidden'
  | 'CredentialMissing'
  | 'ProviderUnknown'
  | 'ProviderRefused'
  | 'ProviderThrottled'
  | 'ProviderFailed'
  | 'ProviderUnreachable'
  | 'ProviderAnswerInvalid'
  | 'KeyNotFound'
  | 'PropertyNotFound'
  | 'ValueInvalid'
  | 'TemplateFailed'
  | 'CannotDecrypt'
  | 'SecretTooLarge';

const LATER: readonly FaultReason[] = ['ProviderThrottled', 'ProviderFailed', 'ProviderUnreachable'];

/** The message names store, reference and property, never a value, and never text that a provider sent. */
export class SecretFault extends FlotillaError {
  readonly code: string;
  override readonly retry: Retry;
  readonly reason: FaultReason;
  /** How long the provider asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: FaultReason, message: string, options: { retryAfterMs?: number } = {}) {
    super(message, { reason });
    this.reason = reason;
    this.code = `secret-${reason.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`)}`;
    this.retry = LATER.includes(reason) ? 'later' : 'never';
    this.retryAfterMs = options.retryAfterMs;
  }
}
