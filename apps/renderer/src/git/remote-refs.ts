/** What a server says its refs are. */
export interface RemoteRefs {
  /** Full ref name -> object; annotated tags by the commit they lead to. */
  refs: ReadonlyMap<string, string>;
  /** The branch HEAD points to. */
  head: string | undefined;
}

const SHA = /^[0-9a-f]{40,64}$/;

/** Reads `git ls-remote --symref`. */
export function parseRemoteRefs(text: string): RemoteRefs {
  const refs = new Map<string, string>();
  let head: string | undefined;
  for (const line of text.split('\n')) {
    const [left = '', name = ''] = line.split('\t');
    if (left.startsWith('ref: ') && name === 'HEAD') head = left.slice(5);
    else if (SHA.test(left) && name.endsWith('^{}')) refs.set(name.slice(0, -3), left);
    else if (SHA.test(left) && name !== '') refs.set(name, left);
  }
  return { refs, head };
}

/** What a ref of a document stands for: a ref of the server, or a commit by its name or the start of it. */
export type WantedRef = { ref: string; object: string } | { commit: string } | { prefix: string };

/** A branch wins over a tag of the same name, and both over what merely looks like a commit, as in Argo CD. */
export function matchRef({ refs, head }: RemoteRefs, wanted: string): WantedRef | undefined {
  if (wanted === 'HEAD' || wanted === '') {
    const object = refs.get('HEAD');
    if (object === undefined) return undefined;
    return head && refs.has(head) ? { ref: head, object } : { commit: object };
  }
  for (const name of [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`]) {
    const object = name.startsWith('refs/') ? refs.get(name) : undefined;
    if (object !== undefined) return { ref: name, object };
  }
  if (SHA.test(wanted)) return { commit: wanted };
  return /^[0-9a-f]{7,39}$/.test(wanted) ? { prefix: wanted } : undefined;
}

/** A branch, tag, full ref, commit or start of one, as git itself would accept it; hostile names are refused. */
export function isRefName(text: string): boolean {
  if (text.length > 250 || /[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/$|^\/|^-|\.$|\.lock(\/|$)/u.test(text)) return false;
  return text.split('/').every((part) => !part.startsWith('.'));
}
