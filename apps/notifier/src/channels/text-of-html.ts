const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const HIDDEN = new Set(['style', 'script', 'head']);
const LINE_ENDS = new Set(['br', '/p', '/div', '/tr', '/h1', '/h2', '/h3', '/h4', '/h5', '/h6', '/ul', '/ol', '/table']);

/**
 * The plain text part beside a rendered HTML body, for readers that show no HTML: tags go, blocks become lines, links keep their address.
 * One pass, so that its time grows with the length alone. A reading aid, not a sanitiser: nothing it returns is shown as HTML.
 */
export function textOfHtml(html: string): string {
  const lower = html.toLowerCase();
  const text: string[] = [];
  let link: string | undefined;
  for (let at = 0; at < html.length; ) {
    const open = html.indexOf('<', at);
    text.push(collapse(html.slice(at, open < 0 ? html.length : open)));
    if (open < 0) break;
    const close = html.indexOf('>', open);
    if (close < 0) break;
    const tag = html.slice(open + 1, Math.min(close, open + 2_000));
    const name = /^\/?[a-z][a-z0-9]{0,15}/i.exec(tag)?.[0].toLowerCase() ?? '';
    at = close + 1;
    if (HIDDEN.has(name)) {
      const end = lower.indexOf(`</${name}`, at);
      if (end < 0) break;
      at = end;
    } else if (name === 'a') link = /\shref=["']?(https?:[^"'\s>]{1,1000})/i.exec(tag)?.[1];
    else if (name === '/a' && link !== undefined) {
      text.push(` (${link})`);
      link = undefined;
    } else if (name === 'li') text.push('\n- ');
    else if (LINE_ENDS.has(name)) text.push('\n');
  }
  const lines = text.join('').split('\n');
  return lines
    .map((line) => line.replace(/ {2,}/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function collapse(text: string): string {
  return text
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, (entity, name: string) => decode(entity, name.toLowerCase()));
}

function decode(entity: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name] ?? entity;
  const point = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : entity;
}
