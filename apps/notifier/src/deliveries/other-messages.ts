import type { SqlRunner } from '@flotilla/persistence';
import type { Message } from '../channels/channel.js';
import type { ClaimedIntent } from './claimed-intent.js';

/** What stands for the messages of one rule beyond its limit within a minute. */
export async function collapsedMessage(sql: SqlRunner, { rule, event, trigger, recipient }: ClaimedIntent): Promise<Message> {
  const [storm] = await sql.query<{ collapsed: number; names: string[] }>(
    'SELECT collapsed, names FROM notifier.storms WHERE rule = $1 AND window_start = $2',
    [rule, event],
  );
  const { collapsed = 0, names = [] } = storm ?? {};
  const title = `${trigger}: ${collapsed} more in the same minute`;
  const more = collapsed > names.length ? [`and ${collapsed - names.length} more`] : [];
  return {
    title,
    body: [`${title}, which were not sent one by one:`, ...[...names, ...more].map((name) => `- ${name}`)].join('\n'),
    recipient,
    links: [],
  };
}

export function testMessage({ recipient, service, id }: ClaimedIntent): Message {
  const body = `This is a test of service ${service}, asked for by a person. Its key is ${id.slice(0, 12)}.`;
  return { title: 'Test of Flotilla notifications', body, recipient, links: [] };
}
