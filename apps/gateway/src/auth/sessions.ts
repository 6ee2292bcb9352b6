import { type Clock, type RandomBytes, systemRandom } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { RequestUser } from '@flotilla/kubeapi';
import { TooManyRequestsError, UnauthenticatedError } from './auth.errors.js';
import { ADMIN, type LocalAdmin } from './local-admin.js';
import type { LoginFailureStore } from './login-failures.store.js';
import { issueToken, readToken } from './session-token.js';

const SESSION_MS = 24 * 3_600_000;
const MAX_FAILURES = 10;
const FAILURE_WINDOW_MS = 5 * 60_000;
/** The Kubernetes group that the machinery and tools treat as administrators. */
const ADMIN_GROUPS = ['system:masters', 'system:authenticated'];

/** Logs users in and tells whom a bearer token stands for. */
export class Sessions {
  readonly #admin: LocalAdmin;
  readonly #keyring: Keyring;
  readonly #failures: LoginFailureStore;
  readonly #clock: Clock;
  readonly #random: RandomBytes;

  constructor(admin: LocalAdmin, keyring: Keyring, failures: LoginFailureStore, clock: Clock, random: RandomBytes = systemRandom) {
    this.#admin = admin;
    this.#keyring = keyring;
    this.#failures = failures;
    this.#clock = clock;
    this.#random = random;
  }

  /** @throws UnauthenticatedError with one text for every cause, TooManyRequestsError after ten failures in five minutes */
  async login(username: string, password: string, remoteAddress: string): Promise<{ token: string; expiresAt: string }> {
    const keys = [`user:${username.slice(0, 100)}`, `address:${remoteAddress}`];
    const since = new Date(this.#clock.now() - FAILURE_WINDOW_MS);
    if ((await this.#failures.countSince(keys, since)) >= MAX_FAILURES)
      throw new TooManyRequestsError('too many failed logins; try again in five minutes');
    if (!(await this.#admin.isPassword(username, password))) {
      await this.#failures.add(keys, new Date(this.#clock.now()));
      throw new UnauthenticatedError('user name or password is wrong');
    }
    return this.issue(SESSION_MS);
  }

  /** A token for the local admin, such as the one in the kubeconfig that the hub writes. */
  issue(lifetimeMs: number): { token: string; expiresAt: string } {
    const now = this.#clock.now();
    const exp = Math.floor((now + lifetimeMs) / 1000);
    const token = issueToken(this.#keyring, { sub: ADMIN, groups: ADMIN_GROUPS, iat: Math.floor(now / 1000), exp }, this.#random);
    return { token, expiresAt: new Date(exp * 1000).toISOString() };
  }

  /** @throws UnauthenticatedError */
  async userOf(authorization: string | undefined): Promise<RequestUser> {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    const claims = token === undefined ? undefined : readToken(this.#keyring, token, this.#clock.now());
    if (!claims || claims.iat < (await this.#admin.passwordChangedAt()))
      throw new UnauthenticatedError('a bearer token is needed; get one with POST /v1/login');
    return { name: claims.sub, groups: claims.groups };
  }
}
