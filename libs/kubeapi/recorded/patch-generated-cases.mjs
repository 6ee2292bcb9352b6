// Random sequences of applies, updates and patches from fixed seeds.

function random(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  const pick = (list) => list[below(list.length)];
  const some = (list) => list.filter(() => next() < 0.5);
  const shuffled = (list) => list.map((item) => [next(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
  return { chance: (p) => next() < p, pick, some, shuffled };
}

const MANAGERS = ['a', 'b', 'c'];

function anyConfigMap(r) {
  const metadata = { name: 'x' };
  if (r.chance(0.5)) metadata.labels = Object.fromEntries(r.some(['l', 'm', 'n']).map((key) => [key, r.pick(['1', '2'])]));
  if (r.chance(0.3)) metadata.finalizers = r.shuffled(r.some(['f.io/a', 'f.io/b', 'f.io/c']));
  const data = Object.fromEntries(r.some(['p', 'q', 'r', 's']).map((key) => [key, r.pick(['1', '2'])]));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...(r.chance(0.8) ? { data } : {}) };
}

function anyContainer(r, name) {
  const container = { name, image: `${name}:${r.pick([1, 2])}` };
  if (r.chance(0.6)) container.env = r.shuffled(r.some(['A', 'B', 'C', 'D'])).map((key) => ({ name: key, value: r.pick(['1', '2']) }));
  if (r.chance(0.5)) container.ports = r.shuffled(r.some([80, 81, 82])).map((port) => ({ containerPort: port, ...(r.chance(0.3) ? { protocol: r.pick(['TCP', 'UDP']) } : {}) }));
  if (r.chance(0.3)) container.args = r.some(['x', 'y', 'z']);
  if (r.chance(0.3)) container.resources = { limits: { cpu: r.pick(['1', '2']) }, ...(r.chance(0.5) ? { requests: { memory: '1Gi' } } : {}) };
  if (r.chance(0.2)) container.imagePullPolicy = r.pick(['Always', 'IfNotPresent']);
  return container;
}

function anyDeployment(r, deployment) {
  const others = r.some(['side', 'log', 'proxy']);
  const containers = r.shuffled(['web', ...others]).map((name) => anyContainer(r, name));
  const pod = { containers };
  if (r.chance(0.4)) pod.volumes = r.shuffled(r.some(['v', 'w'])).map((name) => ({ name, emptyDir: {} }));
  if (r.chance(0.3)) pod.nodeSelector = { zone: r.pick(['a', 'b']) };
  if (r.chance(0.3)) pod.tolerations = r.some(['t', 'u']).map((key) => ({ key, operator: 'Exists' }));
  const spec = r.chance(0.4) ? { replicas: r.pick([1, 2, 3]) } : {};
  if (r.chance(0.2)) spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: r.pick([1, '50%']) } };
  const metadata = r.chance(0.4) ? { labels: Object.fromEntries(r.some(['l', 'm']).map((key) => [key, '1'])) } : {};
  const made = deployment('x', spec, metadata, pod);
  if (r.chance(0.3)) made.spec.template.metadata.annotations = { note: r.pick(['1', '2']) };
  return made;
}

function anyWidget(r) {
  const spec = {};
  if (r.chance(0.5)) spec.tags = r.shuffled(r.some(['a', 'b', 'c', 'd']));
  if (r.chance(0.6)) {
    const keys = r.shuffled(r.some([['p'], ['p', 'z'], ['q'], ['r', 'y']]));
    spec.parts = keys.map(([name, zone]) => ({ name, ...(zone ? { zone } : {}), ...(r.chance(0.5) ? { count: r.pick([1, 2]) } : {}), ...(r.chance(0.3) ? { labels: { l: r.pick(['1', '2']) } } : {}) }));
  }
  if (r.chance(0.4)) spec.free = { ...(r.chance(0.5) ? { a: { b: r.pick([1, 2]) } } : {}), ...(r.chance(0.5) ? { list: r.some([1, 2, 3]) } : {}) };
  if (r.chance(0.3)) spec.settings = { k: r.pick(['1', '2']) };
  if (r.chance(0.4)) spec.nested = { a: { ...(r.chance(0.5) ? { b: '1' } : {}), ...(r.chance(0.5) ? { c: '2' } : {}) } };
  if (r.chance(0.3)) spec.size = r.pick([1, 2]);
  return { apiVersion: 'test.flotilla.dev/v1', kind: 'Widget', metadata: { name: 'x' }, spec };
}

/** Mostly applies; now and then a write by somebody who does not apply, of a part of a random object. */
function steps(r, make, count) {
  const out = [{ verb: 'apply', manager: 'a', body: make() }];
  while (out.length < count) {
    const body = make();
    if (r.chance(0.75)) out.push({ verb: 'apply', manager: r.pick(MANAGERS), body, force: r.chance(0.6) });
    else out.push({ verb: r.pick(['merge', 'strategic', 'update']), manager: r.pick(['u', 'v']), body });
  }
  return out.map((step) => {
    if (step.verb === 'update') return { ...step, body: undefined, edit: (live) => ({ ...step.body, metadata: { ...live.metadata, ...step.body.metadata } }) };
    if (step.verb === 'strategic' && step.body.kind === 'Widget') return { ...step, verb: 'merge' };
    return step;
  });
}

export function generatedCases(deployment) {
  const makers = {
    ConfigMap: (r) => anyConfigMap(r),
    Deployment: (r) => anyDeployment(r, deployment),
    Widget: (r) => anyWidget(r),
  };
  const seeds = { ConfigMap: 14, Deployment: 16, Widget: 16 };
  return Object.entries(makers).flatMap(([kind, make]) =>
    Array.from({ length: seeds[kind] }, (_, seed) => {
      const r = random(seed * 7919 + kind.length);
      return { name: `${kind}: generated ${seed}`, steps: steps(r, () => make(r), 7) };
    }),
  );
}
