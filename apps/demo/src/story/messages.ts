import type { NotifyReceipt } from '@flotilla/contracts';
import { CHANNEL, ON_CALL } from '../props/sinks.js';
import { until } from '../until.js';
import type { Step, Story } from './story.js';

export const MESSAGES: Step = {
  name: 'messages',
  title: 'Slack and mail have told of it: two approvals that were waited for, and the failure',
  run: async (story) => {
    const { slack, mail } = story.sinks;
    const receipts = await untilSent(story);
    const runs = (await story.world.fleet.rollouts('web')).map(({ metadata }) => metadata.name);
    story.expect(`three rollouts of web (${runs.length})`, runs.length === 3);
    const roots = runs.map((run) => rootOf(story, receipts, run));
    story.expect('a thread for each rollout', new Set(roots.map(({ ts }) => ts)).size === runs.length);
    for (const root of roots.toReversed()) showThread(story, root.ts);
    const [bad, good] = runs;
    story.expect(
      'Slack to say that the bad rollout failed',
      slack.messages.some(({ text }) => text.includes(`${bad} of web does not go on: stage dev: 1 failed`)),
    );
    story.expect(
      'Slack to say how the good one is approved',
      slack.messages.some(({ text }) => text.includes(`flotilla rollout approve ${good}`)),
    );
    const subjects = mail.mails.map(({ subject }) => subject);
    for (const { subject, to, from } of mail.mails) story.say(`mail from ${from} to ${to.join(', ')}: ${subject}`);
    const expected = ['Rollout of web waits for approval', 'Rollout of web waits for approval', 'Rollout of web has failed'];
    story.expect(`mails ${JSON.stringify(expected)} (${JSON.stringify(subjects)})`, subjects.join() === expected.join());
    story.expect(
      `every mail to go to ${ON_CALL}`,
      mail.mails.every(({ to }) => to.join() === ON_CALL),
    );
    await story.flotilla('notify', 'receipts', bad!);
    const edits = roots.reduce((sum, root) => sum + root.edits, 0);
    const posts = slack.messages.length;
    return `${roots.length} threads in ${CHANNEL}: ${posts} messages, ${edits} updates in place; ${mail.mails.length} mails to ${ON_CALL}`;
  },
};

/** Waits until the end of the bad rollout has been told and nothing waits. */
function untilSent({ world }: Story): Promise<NotifyReceipt[]> {
  return until('all messages to be sent', async () => {
    const messages = await world.fleet.messages();
    const open = messages.filter(({ state }) => state !== 'sent');
    if (open.length === 0 && messages.some(({ trigger }) => trigger === 'on-rollout-rolled-back')) return messages;
    throw new Error(open.map(({ trigger, state, error }) => `${trigger} ${state} ${error?.message ?? ''}`).join(', '));
  });
}

/** The message that began the one thread about a rollout. */
function rootOf({ sinks, expect }: Story, receipts: readonly NotifyReceipt[], run: string) {
  const own = receipts.filter(({ about, service }) => service === 'slack' && about?.endsWith(`/${run}`));
  const threads = [...new Set(own.map(({ threadId }) => threadId))];
  expect(`one thread about ${run} (${threads.length})`, threads.length === 1);
  const root = sinks.slack.messages.find(({ ts }) => ts === threads[0]);
  if (!root || root.threadTs !== undefined || root.edits === 0)
    throw new Error(`expected a message about ${run} that was updated in place`);
  return root;
}

function showThread(story: Story, ts: string): void {
  const [root, ...replies] = story.sinks.slack.messages.filter((message) => message.ts === ts || message.threadTs === ts);
  if (!root) return;
  story.say(`Slack ${CHANNEL}, one message with ${replies.length} replies, updated in place ${root.edits} x:`);
  for (const line of root.text.trim().split('\n')) story.say(`  | ${line.trim()}`);
  for (const { text } of replies) story.say(`  |   > ${text.trim().split('\n')[0]}`);
}
