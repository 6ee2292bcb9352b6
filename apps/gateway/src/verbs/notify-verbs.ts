import { notifierVerbs } from '@flotilla/contracts';
import type { MessageBus } from '@flotilla/messaging';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import { unwrap } from './unwrap.js';

/** A service may take its time to answer a test. */
const TEST_TIMEOUT_MS = 45_000;
const PREVIEW_TIMEOUT_MS = 15_000;

/** Verbs on messages; the notifier renders, sends and keeps their receipts. */
export function notifyVerbs(bus: MessageBus): Record<string, RestHandler> {
  return {
    listNotifications: ({ query }) => bus.ask('notifier', 'receipts', query, { reply: notifierVerbs.receipts.reply }),
    testNotification: async ({ body, user }) => {
      const request = { ...(body as object), actor: user?.name ?? '' };
      return unwrap(await bus.ask('notifier', 'test', request, { reply: notifierVerbs.test.reply, timeoutMs: TEST_TIMEOUT_MS }));
    },
    previewNotification: async ({ body }) =>
      unwrap(await bus.ask('notifier', 'preview', body, { reply: notifierVerbs.preview.reply, timeoutMs: PREVIEW_TIMEOUT_MS })),
    checkNotifications: () => bus.ask('notifier', 'check', {}, { reply: notifierVerbs.check.reply }),
    replayNotification: async ({ parameters, user }) =>
      unwrap(await bus.ask('notifier', 'replay', { id: parameters.id, actor: user?.name ?? '' }, { reply: notifierVerbs.replay.reply })),
  };
}
