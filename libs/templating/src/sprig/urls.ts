import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import { kindName } from '../values/go-type.js';
import { GoMap } from '../values/go-value.js';

/** Where a percent-encoded or reserved character may stand as it is, by Go's shouldEscape. */
type Part = 'path' | 'userinfo' | 'fragment' | 'host';
const KEPT: Readonly<Record<Part, RegExp>> = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  userinfo: /[A-Za-z0-9\-_.~$&+,;=]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
};

function escapePart(text: string, part: Part): string {
  return Array.from(Buffer.from(text), (byte) => {
    const char = String.fromCharCode(byte);
    return byte < 0x80 && KEPT[part].test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function unescapePart(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text);
  if (bad) throw new CallError(`invalid URL escape ${JSON.stringify(text.slice(bad.index, bad.index + 3))}`);
  const bytes = Buffer.from(text)
    .toString('latin1')
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

interface Url {
  scheme: string;
  host: string;
  path: string;
  query: string;
  opaque: string;
  fragment: string;
  userinfo: string;
}

/** Go's url.Parse, for what urlParse shows of it. */
function parseUrl(text: string): Url {
  const fail = (reason: string): never => {
    throw new CallError(`unable to parse url: parse ${JSON.stringify(text)}: ${reason}`);
  };
  if (/\p{Cc}/u.test(text)) fail('net/url: invalid control character in URL');
  const [beforeFragment, fragment = ''] = splitOnce(text, '#');
  const [scheme, afterScheme] = readScheme(beforeFragment, fail);
  const [body, query = ''] = splitOnce(afterScheme, '?');
  const url: Url = { scheme: scheme.toLowerCase(), host: '', path: '', query, opaque: '', fragment: unescapePart(fragment), userinfo: '' };
  if (scheme !== '' && !body.startsWith('/')) return { ...url, opaque: body };
  if (scheme === '' && /^[^/]*:/.test(body)) fail('first path segment in URL cannot contain colon');
  if (!body.startsWith('//')) return { ...url, path: unescapePart(body) };
  const [authority, path] = splitAt(body.slice(2), body.slice(2).indexOf('/'));
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (/:[^:\]]*$/.test(host) && !/:\d*$/.test(host)) fail(`invalid port ${JSON.stringify(/:[^:]*$/.exec(host)![0])} after host`);
  if (/[ ]/.test(host)) fail(`invalid character " " in host name`);
  return { ...url, host: unescapePart(host), path: unescapePart(path), userinfo: at < 0 ? '' : userinfoText(authority.slice(0, at)) };
}

/** The same, every error in sprig's words. */
function readUrl(text: string): Url {
  try {
    return parseUrl(text);
  } catch (error) {
    if (!(error instanceof CallError) || error.message.startsWith('unable')) throw error;
    throw new CallError(`unable to parse url: parse ${JSON.stringify(text)}: ${error.message}`);
  }
}

function readScheme(text: string, fail: (reason: string) => never): [string, string] {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  if (match) return [match[1]!, text.slice(match[0].length)];
  return text.startsWith(':') ? fail('missing protocol scheme') : ['', text];
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function splitAt(text: string, at: number): [string, string] {
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

function userinfoText(text: string): string {
  const [user, password] = splitOnce(text, ':');
  const name = escapePart(unescapePart(user), 'userinfo');
  return password === undefined ? name : `${name}:${escapePart(unescapePart(password), 'userinfo')}`;
}

function joinUrl(url: Url): string {
  const { scheme, host, path, query, opaque, fragment, userinfo } = url;
  let text = scheme === '' ? '' : `${scheme}:`;
  if (opaque !== '') text += opaque;
  else {
    if (scheme !== '' || host !== '' || userinfo !== '') {
      if (host !== '' || path !== '' || userinfo !== '') text += '//';
      if (userinfo !== '') text += `${userinfoText(userinfo)}@`;
      text += escapePart(host, 'host');
    }
    const escaped = escapePart(path, 'path');
    if (escaped !== '' && !escaped.startsWith('/') && host !== '') text += '/';
    // Without a scheme, a colon in the first segment would be read as one.
    if (text === '' && /^[^/]*:/.test(escaped)) text += './';
    text += escaped;
  }
  return text + (query === '' ? '' : `?${query}`) + (fragment === '' ? '' : `#${escapePart(fragment, 'fragment')}`);
}

const PARTS = ['scheme', 'host', 'path', 'query', 'opaque', 'fragment', 'userinfo'] as const;

function partOf(map: GoMap, key: string): string {
  const value = map.entries.get(key);
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new CallError(`unable to parse ${key} key, must be of type string, but ${kindName(value)} found`);
  return value;
}

export const urlFunctions: FunctionTable = {
  urlParse: defineFunction(['string'], (_, text) => {
    const url = readUrl(text);
    const hostname = /^\[(.*)\](:\d*)?$/.exec(url.host)?.[1] ?? url.host.replace(/:\d*$/, '');
    return new GoMap(Object.entries({ ...url, hostname }));
  }),
  urlJoin: defineFunction(['map'], (_, map) => {
    return joinUrl(Object.fromEntries(PARTS.map((part) => [part, partOf(map, part)])) as unknown as Url);
  }),
};
