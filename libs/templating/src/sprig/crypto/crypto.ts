import { createCipheriv, createDecipheriv, createHmac, createPrivateKey, scryptSync, X509Certificate } from 'node:crypto';
import { CallError, defineFunction, type FunctionTable } from '../../execute/define-function.js';
import type { Tools } from '../../execute/tools.js';
import { GoStruct, type GoValue } from '../../values/go-value.js';
import { PASSWORD_CHARACTERS, PASSWORD_TEMPLATES } from './password-templates.js';
import { randomBytes } from './random.js';

/** Steps of one key derivation, which takes about 0.2 s. */
const DERIVATION_STEPS = 200_000;
const SEED = 'com.lyndir.masterpassword';

function lengthPrefixed(text: string): Buffer {
  const body = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** The Master Password algorithm, version 3. */
function derivePassword(tools: Tools, counter: number, type: string, password: string, user: string, site: string): string {
  const templates = PASSWORD_TEMPLATES.get(type);
  if (!templates) return `cannot find password template ${type}`;
  tools.budget.step(DERIVATION_STEPS);
  const salt = Buffer.concat([Buffer.from(SEED), lengthPrefixed(user)]);
  const key = scryptSync(password, salt, 64, { N: 32768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 });
  const count = Buffer.alloc(4);
  count.writeUInt32BE(counter);
  const seed = createHmac('sha256', key).update(SEED).update(lengthPrefixed(site)).update(count).digest();
  const template = templates[seed[0]! % templates.length]!;
  return Array.from(template, (kind, i) => {
    const characters = PASSWORD_CHARACTERS[kind]!;
    return characters[seed[i + 1]! % characters.length];
  }).join('');
}

/** AES-256-CBC; the password is the key, cut or filled with zeros. */
function aesKey(password: string): Buffer {
  return Buffer.concat([Buffer.from(password), Buffer.alloc(32)]).subarray(0, 32);
}

function encrypt(tools: Tools, password: string, text: string): string {
  if (text === '') return '';
  const vector = randomBytes(tools, 'encryptAES', 16);
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), vector);
  return Buffer.concat([vector, cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

function decrypt(password: string, text: string): string {
  if (text === '') return '';
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 32 || bytes.length % 16 !== 0) throw new CallError('the text is not what encryptAES gives');
  try {
    const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16));
    return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8');
  } catch {
    throw new CallError('the text was not encrypted with this password');
  }
}

/** sprig's certificate: both members are PEM. */
class Certificate extends GoStruct {
  readonly goType = 'sprig.certificate';
  readonly #members: ReadonlyMap<string, string>;

  constructor(certificate: string, key: string) {
    super();
    this.#members = new Map([
      ['Cert', certificate],
      ['Key', key],
    ]);
  }

  member(name: string): GoValue {
    return this.#members.get(name);
  }

  text(): string {
    return `{${[...this.#members.values()].join(' ')}}`;
  }

  json(): unknown {
    return Object.fromEntries(this.#members);
  }
}

/** The messages never repeat the input: it is a private key. */
function readCertificate(certificate: string, key: string): Certificate {
  const [certificatePem, keyPem] = [certificate, key].map((text) => Buffer.from(text, 'base64').toString('utf8')) as [string, string];
  try {
    new X509Certificate(certificatePem);
  } catch {
    throw new CallError('unable to decode certificate');
  }
  try {
    createPrivateKey(keyPem);
  } catch {
    throw new CallError('error parsing private key');
  }
  return new Certificate(certificatePem, keyPem);
}

/** Functions that make new keys or hashes of their own salt: their text would differ at every render. */
const refused = (name: string, instead: string) =>
  defineFunction(['...any'], () => {
    throw new CallError(`${name} is not available: it gives another text at every render. ${instead}`);
  });

const KEYS = 'Make the key once and refer to it from a Secret.';
const HASH = 'Make the hash once and refer to it from a Secret.';

export const cryptoFunctions: FunctionTable = {
  derivePassword: defineFunction(['uint32', 'string', 'string', 'string', 'string'], derivePassword),
  encryptAES: defineFunction(['string', 'string'], encrypt),
  decryptAES: defineFunction(['string', 'string'], (_, password, text) => decrypt(password, text)),
  buildCustomCert: defineFunction(['string', 'string'], (_, certificate, key) => readCertificate(certificate, key)),
  bcrypt: refused('bcrypt', HASH),
  htpasswd: refused('htpasswd', HASH),
  genPrivateKey: refused('genPrivateKey', KEYS),
  genCA: refused('genCA', KEYS),
  genCAWithKey: refused('genCAWithKey', KEYS),
  genSelfSignedCert: refused('genSelfSignedCert', KEYS),
  genSelfSignedCertWithKey: refused('genSelfSignedCertWithKey', KEYS),
  genSignedCert: refused('genSignedCert', KEYS),
  genSignedCertWithKey: refused('genSignedCertWithKey', KEYS),
};
