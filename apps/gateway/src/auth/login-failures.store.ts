/** Failed logins by user and by address, shared by all copies of the gateway, so that a flood of others never resets one. */
export abstract class LoginFailureStore {
  abstract add(keys: readonly string[], at: Date): Promise<void>;
  /** The largest count of any key. */
  abstract countSince(keys: readonly string[], since: Date): Promise<number>;
}
