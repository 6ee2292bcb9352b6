const WORD =
  /^(?:|~|null|Null|NULL|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[0-9]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})?)?$/;
/** What go-yaml prints as it stands: not tabs, and nothing beyond U+FFFF. */
const PRINTABLE = /^[\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** Whether a plain text would be read as something else than a text. */
function readsOtherwise(text: string): boolean {
  if (WORD.test(text)) return true;
  if (!/^[-+.0-9]/.test(text)) return false;
  const digits = text.replaceAll('_', '');
  return INTEGER.test(digits) || FLOAT.test(digits) || BASE_60.test(text) || TIMESTAMP.test(text);
}

/** Whether the text may stand without quotes in a block, by libyaml's rules. */
function plainFits(text: string): boolean {
  if (/^[ \n]|[ \n]$|\n/.test(text) || !PRINTABLE.test(text)) return false;
  if (/^(?:---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](?:[ \n]|$)/.test(text)) return false;
  return !/:(?:[ \n]|$)|[ \n]#/.test(text);
}

/** A text on one line: plain, in single quotes, or in double ones. */
export function yamlText(text: string): string {
  if (text.includes('\n') || readsOtherwise(text)) return doubleQuoted(text);
  if (plainFits(text)) return text;
  return PRINTABLE.test(text) ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text);
}

/** A text of several lines as a literal block; undefined where it cannot be one. */
export function blockText(text: string): { header: string; lines: string[] } | undefined {
  if (!text.includes('\n') || / \n| $/.test(text) || !PRINTABLE.test(text)) return undefined;
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const end = /\n*$/.exec(text)![0].length;
  const chomp = end === 0 ? '-' : end > 1 || text === '\n' ? '+' : '';
  const body = end === 0 ? text : text.slice(0, -1);
  return { header: `|${hint}${chomp}`, lines: body.split('\n') };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string): string {
  const escaped = Array.from(text, (char) => {
    if (ESCAPES[char]) return ESCAPES[char];
    if (PRINTABLE.test(char)) return char;
    const code = char.codePointAt(0)!.toString(16).toUpperCase();
    return code.length <= 2
      ? `\\x${code.padStart(2, '0')}`
      : code.length <= 4
        ? `\\u${code.padStart(4, '0')}`
        : `\\U${code.padStart(8, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
