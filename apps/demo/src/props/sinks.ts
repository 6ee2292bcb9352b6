import { newToken } from '@flotilla/kernel';
import { type LocalSmtpServer, type SlackServer, startSlackServer, startSmtpServer } from '@flotilla/sinks';
import { type Trace, tracesOf } from '../search/canary.js';

/** Where the hub may send besides public addresses. */
export const SINK_ADDRESSES = '127.0.0.1/32';
export const CHANNEL = '#fleet';
export const ON_CALL = 'on-call@example.com';
const MAIL_USER = 'fleet';

/** A Slack workspace and a mail server on loopback that keep what they are sent, with credentials made for this story. */
export class Sinks {
  readonly slack: SlackServer;
  readonly mail: LocalSmtpServer;
  readonly #slackToken: string;
  readonly #mailPassword: string;

  private constructor(servers: { slack: SlackServer; mail: LocalSmtpServer }, credentials: { slackToken: string; mailPassword: string }) {
    this.slack = servers.slack;
    this.mail = servers.mail;
    this.#slackToken = credentials.slackToken;
    this.#mailPassword = credentials.mailPassword;
  }

  static async start(): Promise<Sinks> {
    const slackToken = `xoxb-${newToken()}`;
    const mailPassword = newToken();
    const slack = await startSlackServer({ token: slackToken, channels: [{ id: 'C0FLEET', name: CHANNEL.slice(1) }] });
    const mail = await startSmtpServer({ users: { [MAIL_USER]: mailPassword }, plainLogin: true });
    return new Sinks({ slack, mail }, { slackToken, mailPassword });
  }

  /** For the manifests of the notifier. */
  get parameters(): Record<string, string> {
    return {
      SLACK_URL: this.slack.apiUrl,
      SLACK_TOKEN: this.#slackToken,
      MAIL_PORT: String(this.mail.port),
      MAIL_USER,
      MAIL_PASSWORD: this.#mailPassword,
      CHANNEL,
      ON_CALL,
    };
  }

  get traces(): Trace[] {
    return [...tracesOf('Slack token', this.#slackToken), ...tracesOf('mail password', this.#mailPassword)];
  }

  async close(): Promise<void> {
    await Promise.all([this.slack.close(), this.mail.close()]);
  }
}
