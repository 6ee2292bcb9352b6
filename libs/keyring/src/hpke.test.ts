import { describe, expect, it } from 'vitest';
import { envelopeOpener, generateSealingKeyPair, isRawKey, openEnvelope, sealToSpoke } from './index.js';

const context = { spoke: 's_a', grant: 'g1' };
const plaintext = new TextEncoder().encode('s3cret');

describe('an envelope', () => {
  it('opens for the spoke it was sealed to, in its context only', async () => {
    const spoke = generateSealingKeyPair();
    const other = generateSealingKeyPair();
    const envelope = await sealToSpoke(spoke.publicKey, plaintext, context);
    expect(new TextDecoder().decode(await openEnvelope(spoke.privateKey, envelope, context))).toBe('s3cret');
    await expect(openEnvelope(other.privateKey, envelope, context)).rejects.toThrow('does not open');
    await expect(openEnvelope(spoke.privateKey, envelope, { ...context, grant: 'g2' })).rejects.toThrow('does not open');
  });

  it('refuses changed bytes and malformed keys', async () => {
    const spoke = generateSealingKeyPair();
    const envelope = await sealToSpoke(spoke.publicKey, plaintext, context);
    const changed = Buffer.from(envelope.ciphertext, 'base64');
    changed[0] = changed[0]! ^ 1;
    await expect(openEnvelope(spoke.privateKey, { ...envelope, ciphertext: changed.toString('base64') }, context)).rejects.toThrow();
    await expect(openEnvelope(spoke.privateKey, { ...envelope, enc: '' }, context)).rejects.toThrow();
    await expect(sealToSpoke('nonsense', plaintext, context)).rejects.toThrow('not base64 of 32 bytes');
    expect(isRawKey(spoke.publicKey)).toBe(true);
    expect(isRawKey(`${spoke.publicKey}A`)).toBe(false);
  });

  it('opens for one who keeps the key it opened with last, and for no other key', async () => {
    const [spoke, other] = [generateSealingKeyPair(), generateSealingKeyPair()];
    const [mine, theirs] = [await sealToSpoke(spoke.publicKey, plaintext, context), await sealToSpoke(other.publicKey, plaintext, context)];
    const open = envelopeOpener();
    for (const _ of [1, 2]) expect(Buffer.from(await open(spoke.privateKey, mine, context)).toString()).toBe('s3cret');
    await expect(open(spoke.privateKey, theirs, context)).rejects.toThrow('does not open');
    expect(Buffer.from(await open(other.privateKey, theirs, context)).toString()).toBe('s3cret');
    await expect(open(other.privateKey, mine, context)).rejects.toThrow('does not open');
    await expect(open('nonsense', mine, context)).rejects.toThrow('not base64 of 32 bytes');
    expect(Buffer.from(await open(spoke.privateKey, mine, context)).toString()).toBe('s3cret');
  });
});
