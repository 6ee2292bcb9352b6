import { createInbox, type Msg, type MsgHdrs, type NatsConnection, NoRespondersError } from '@nats-io/transport-node';
import { ATTENDED_HEADER } from '../wire.js';

/** The copy that took a request has died, or hangs: it said nothing for too long. */
export class SilentServerError extends Error {
  constructor(ms: number) {
    super(`the copy that took it said nothing for ${ms} ms; whether the work was done is not known`);
  }
}

export interface AttendedRequest {
  subject: string;
  payload: string;
  headers: MsgHdrs;
  inboxPrefix: string;
  timeoutMs: number;
  /** How long the server may say nothing at all. */
  silenceMs: number;
}

const NO_RESPONDERS = 503;

/**
 * A request that may take minutes. Its server says every few seconds that it is still at it, so that a copy that dies in the
 * middle costs seconds and not the whole limit.
 *
 * @throws NoRespondersError, SilentServerError, or an Error when the limit is over
 */
export function attendedRequest(connection: NatsConnection, request: AttendedRequest): Promise<Msg> {
  const { subject, payload, headers, timeoutMs, silenceMs } = request;
  const inbox = createInbox(request.inboxPrefix);
  headers.set(ATTENDED_HEADER, '1');
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      subscription.unsubscribe();
      clearTimeout(limit);
      clearTimeout(silence);
      settle();
    };
    const silent = (): NodeJS.Timeout => setTimeout(() => end(() => reject(new SilentServerError(silenceMs))), silenceMs);
    const limit = setTimeout(() => end(() => reject(new Error('the limit is over'))), timeoutMs);
    let silence = silent();
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (error) end(() => reject(error));
        else if (message.headers?.code === NO_RESPONDERS) end(() => reject(new NoRespondersError(subject)));
        else if (message.headers?.get(ATTENDED_HEADER)) {
          clearTimeout(silence);
          silence = silent();
        } else end(() => resolve(message));
      },
    });
    try {
      connection.publish(subject, payload, { reply: inbox, headers });
    } catch (error) {
      end(() => reject(error));
    }
  });
}
