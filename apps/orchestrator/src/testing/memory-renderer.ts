import type { BlobStore } from '@flotilla/blobs';
import { brokerForm, makeBundle } from '@flotilla/bundle';
import type { RenderReply, RenderRequest } from '@flotilla/contracts';
import { messageOf } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';

/** Answers verb `render` as the renderer does, from objects that are made on the spot; what throws is a render error. */
export async function renderInMemory(
  { items }: RenderRequest,
  { blobs, keyring, content }: { blobs: BlobStore; keyring: Keyring; content: (application: string, commit: string) => object[] },
): Promise<RenderReply> {
  const results: RenderReply['items'] = [];
  for (const { uid, name, commits, secrets } of items) {
    try {
      const made = makeBundle(
        content(name, commits[0]!).map((object) => ({ object })),
        (text) => keyring.hmac('blob', text),
      );
      const form = secrets === 'broker' ? brokerForm(made.bundle) : undefined;
      const all = form ? [...made.blobs, form.blob] : made.blobs;
      await blobs.put(all.map(({ digest, text, sealed }) => ({ digest, bytes: new TextEncoder().encode(text), sealed })));
      const bundle = form?.digest ?? made.digest;
      results.push({ uid, bundle, renderKey: bundle, objects: made.bundle.items.length, conditions: [] });
    } catch (error) {
      results.push({ uid, error: { code: 'render', message: messageOf(error) } });
    }
  }
  return { items: results };
}
