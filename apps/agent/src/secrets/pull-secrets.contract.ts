import { openEnvelope } from '@flotilla/keyring';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FakeHub } from '../link/hub.link.fake.js';
import type { HubLink } from '../link/hub.link.js';
import { type HeldSecret, proveSecret } from './prove-secret.js';
import { pullSecrets } from './pull-secrets.js';

export interface SecretsLine {
  hub: FakeHub;
  link: HubLink;
  close(): Promise<void>;
}

/** How values are fetched over any line to a hub. */
export function pullSecretsSuite(open: () => Promise<SecretsLine>): void {
  let line: SecretsLine;
  let kept: Map<string, HeldSecret>;
  beforeEach(async () => {
    line = await open();
    kept = new Map();
  });
  afterEach(() => line.close());

  const give = (name: string) => line.hub.broker.grant({ uid: 'u' }, { namespace: 'web', name }, { password: `canary-${name}` });
  const pull = async (wanted: Parameters<typeof pullSecrets>[1]): Promise<Map<string, string>> => {
    const keep = async (secret: HeldSecret): Promise<void> => {
      await proveSecret(secret, { ...line.hub.identity, open: openEnvelope });
      kept.set(secret.grant, secret);
    };
    return pullSecrets({ link: line.link, session: 1, keep }, wanted);
  };

  test('values arrive sealed to this spoke, more than fit one request too', async () => {
    const grants = await Promise.all(Array.from({ length: 70 }, (_, i) => give(`s${i}`)));
    expect(await pull(grants)).toEqual(new Map());
    expect(kept.size).toBe(70);
    expect(JSON.stringify([...kept.values()])).not.toContain(Buffer.from('canary-s1').toString('base64'));
    const object = await proveSecret(kept.get(grants[1]!.id)!, { ...line.hub.identity, open: openEnvelope });
    expect(object.data).toEqual({ password: Buffer.from('canary-s1').toString('base64') });
  });

  test('what is refused is named and holds up nothing else, and neither does a spoilt envelope', async () => {
    const [good, gone, spoilt] = await Promise.all(['good', 'gone', 'spoilt'].map(give));
    line.hub.broker.envelopes.delete(gone!.id);
    line.hub.broker.envelopes.set(spoilt!.id, { ...line.hub.broker.envelopes.get(good!.id)!, grant: spoilt!.id });
    const refusals = await pull([spoilt!, gone!, good!]);
    expect([...kept.keys()]).toEqual([good!.id]);
    expect(refusals.get(gone!.id)).toBe('not-granted: it is not in the document');
    expect(refusals.get(spoilt!.id)).toContain('refused: ');
  });

  test('a hub that refuses the session, or is away, is an error', async () => {
    const grant = await give('one');
    line.hub.refusal = 'quarantined';
    await expect(pull([grant])).rejects.toMatchObject({ code: 'quarantined' });
  });
}
