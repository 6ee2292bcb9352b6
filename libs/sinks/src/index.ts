export type { HttpFaults, SinkRequest, TlsMaterial } from './serve-http.js';
export { type SlackFaults, type SlackServer, type SlackServerOptions, startSlackServer } from './slack-server.js';
export type { SlackChannel, SlackMessage } from './slack-workspace.js';
export { type LocalSmtpServer, type ReceivedMail, type SmtpFaults, type SmtpServerOptions, startSmtpServer } from './smtp-server.js';
export { type ReceivedWebhook, startWebhookSink, type WebhookSink, type WebhookSinkOptions } from './webhook-sink.js';
