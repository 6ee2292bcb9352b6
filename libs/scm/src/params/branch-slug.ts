const MAX_SLUG = 50;

/** What Unicode does not take apart into an ASCII letter and marks, in the spelling of Go's unidecode. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  '&': 'and',
  '@': 'at',
  _: '-',
  '‒': '-',
  '–': '-',
  '—': '-',
  '―': '-',
  "'": '',
  '"': '',
  '‘': '',
  '’': '',
  '“': '',
  '”': '',
};

/**
 * A branch name as a DNS label of at most 50 characters: words in lower case between dashes, cut between words where
 * that is possible. Source: argo-cd applicationset/generators/pull_request.go with github.com/gosimple/slug. Letters
 * of other scripts become dashes here, where Go spells them in Latin.
 */
export function branchSlug(branch: string): string {
  const ascii = [...branch.trim()].map((letter) => LETTERS[letter] ?? letter.normalize('NFKD').replace(/\p{M}/gu, '')).join('');
  const words = ascii
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return cutBetweenWords(words);
}

function cutBetweenWords(text: string): string {
  if (text.length < MAX_SLUG) return text;
  let cut = '';
  for (const word of text.split('-')) {
    const longer = cut === '' ? word : `${cut}-${word}`;
    if (longer.length > MAX_SLUG) break;
    cut = longer;
  }
  return cut === '' ? text.slice(0, MAX_SLUG) : cut;
}
