import { expect, test } from 'vitest';
import { textOfHtml } from './text-of-html.js';

test.each([
  ['<p>one</p><p>two</p>', 'one\ntwo'],
  ['a<br>b<br/>c', 'a\nb\nc'],
  ['<ul><li>one</li><li>two</li></ul>end', '- one\n- two\nend'],
  ['<head><title>x</title></head><script>alert(1)</script>text', 'text'],
  ['&lt;b&gt; &amp;amp; &#65;&#x42; &nope;', '<b> &amp; AB &nope;'],
  ['see <a class="x" href="https://a.example/?b=1">here</a>', 'see here (https://a.example/?b=1)'],
  ['<a href="javascript:alert(1)">no</a>', 'no'],
])('%s reads %s', (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

test('long and unclosed markup is read in time', () => {
  const begin = performance.now();
  for (const piece of ['<', '<a href="https:', '<script>', '<head', '&#x', '\n']) textOfHtml(piece.repeat(1024 * 64));
  expect(performance.now() - begin).toBeLessThan(2_000);
});
