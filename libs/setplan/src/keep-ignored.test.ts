import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { expect, test } from 'vitest';
import { keepIgnored } from './keep-ignored.js';

const parameter = (name: string, value: string) => ({ name, value });
const application = (spec: object, metadata: object = {}): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'a', ...metadata },
  spec,
});
const withParameters = (...parameters: object[]) => application({ source: { path: 'p', helm: { parameters } } });

/** The wanted application after the rule kept what is stored. */
function keep(rule: object, wanted: ResourceDocument, existing: ResourceDocument): ResourceDocument {
  const set = { spec: { ignoreApplicationDifferences: [rule] } } as unknown as ApplicationSet;
  const result = structuredClone(wanted);
  keepIgnored(result, existing, set);
  return result;
}
const image = { jqPathExpressions: ['.spec.source.helm.parameters[] | select(.name == "image.tag").value'] };

test('an expression keeps the stored value of one element of a list', () => {
  const stored = withParameters(parameter('image.tag', 'v2'), parameter('replicas', '3'));
  const wanted = withParameters(parameter('image.tag', 'v1'), parameter('replicas', '3'));
  expect(keep(image, wanted, stored)).toEqual(stored);
});

test('a list that differs elsewhere is the generated one, whole, as Argo CD’s merge patch makes it', () => {
  const stored = withParameters(parameter('image.tag', 'v2'), parameter('replicas', '3'));
  const wanted = withParameters(parameter('image.tag', 'v1'), parameter('replicas', '5'));
  expect(keep(image, wanted, stored)).toEqual(wanted);
});

test('what else differs is as generated, and what is gone is gone', () => {
  const stored = application({ source: { path: 'old', targetRevision: 'hotfix', extra: 'x' }, ignored: 1 }, { labels: { a: '1', b: '2' } });
  const wanted = application({ source: { path: 'new', targetRevision: 'main' } }, { labels: { b: '3' } });
  expect(keep({ jqPathExpressions: ['.spec.source | .targetRevision, .ref'] }, wanted, stored)).toEqual(
    application({ source: { path: 'new', targetRevision: 'hotfix' } }, { labels: { b: '3' } }),
  );
});

test('a field that is stored nowhere stays away; one of a label is kept by its name', () => {
  const wanted = application({ source: { path: 'p', targetRevision: 'main' } }, { labels: { 'x/y': 'set' } });
  const stored = application({ source: { path: 'p' } }, { labels: { 'x/y': 'mine' } });
  expect(keep({ jqPathExpressions: ['.spec.source["targetRevision"]', '.metadata.labels["x/y"]'] }, wanted, stored)).toEqual(stored);
});

test('a rule for another application, and an expression that finds nothing or fails, keep nothing', () => {
  const wanted = withParameters(parameter('image.tag', 'v1'));
  const stored = withParameters(parameter('image.tag', 'v2'));
  expect(keep({ ...image, name: 'b' }, wanted, stored)).toEqual(wanted);
  expect(keep({ jqPathExpressions: ['.spec.nothing[]', '.spec.source.path[]'] }, wanted, stored)).toEqual(wanted);
});

test('names that objects have by themselves are kept like any other', () => {
  const odd = (value: string) => application({ source: JSON.parse(`{"__proto__": "${value}", "constructor": "${value}"}`) as object });
  const kept = keep({ jqPathExpressions: ['.spec.source["__proto__"]?'] }, odd('generated'), odd('stored'));
  expect(JSON.stringify(kept.spec)).toBe('{"source":{"__proto__":"stored","constructor":"generated"}}');
});
