// Writes generated/kubernetes-1.36.json from the Go types of k8s.io/api and k8s.io/apimachinery: for each message its fields as
// [number, JSON name ('' for inline), type, isPointer]. Usage: node generate.mjs <go module cache>/k8s.io
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = 'v0.36.3';
const root = process.argv[2];
const PACKAGES = {
  ...Object.fromEntries(
    [
      'core/v1',
      'apps/v1',
      'batch/v1',
      'rbac/v1',
      'networking/v1',
      'policy/v1',
      'scheduling/v1',
      'autoscaling/v1',
      'autoscaling/v2',
      'authorization/v1',
      'authentication/v1',
      'storage/v1',
      'coordination/v1',
      'discovery/v1',
    ].map((path) => [`k8s.io/api/${path}`, join(root, `api@${VERSION}`, path)]),
  ),
  'k8s.io/apimachinery/pkg/apis/meta/v1': join(root, `apimachinery@${VERSION}`, 'pkg/apis/meta/v1'),
};
const SPECIAL = {
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'time',
  'k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime': 'microtime',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Duration': 'duration',
  'k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1': 'raw',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'raw',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'intOrString',
};
const SCALARS = { string: 's', bool: 'b', int32: 'i', int64: 'i', int: 'i', uint32: 'i', uint8: 'i', float64: 'd', float32: 'd' };
const KNOWN_ALIASES = { 'k8s.io/apimachinery/pkg/types.UID': 'string', 'k8s.io/apimachinery/pkg/types.NodeName': 'string' };

const structs = new Map();
const aliases = new Map();
for (const [name, dir] of Object.entries(PACKAGES)) {
  if (!existsSync(dir)) throw new Error(`${dir} is missing`);
  for (const file of readdirSync(dir).filter(
    (file) => file.endsWith('.go') && !file.endsWith('_test.go') && !file.startsWith('zz_') && !file.startsWith('generated'),
  )) {
    readFile(name, readFileSync(join(dir, file), 'utf8'));
  }
}

function readFile(name, text) {
  const imports = new Map(
    [...text.matchAll(/^\s*(?:(\w+)\s+)?"(k8s\.io\/[^"]+)"$/gm)].map(([, alias, path]) => [alias ?? path.split('/').at(-1), path]),
  );
  const qualify = (type) =>
    type.includes('.') ? `${imports.get(type.split('.')[0]) ?? type.split('.')[0]}.${type.split('.')[1]}` : `${name}.${type}`;
  for (const [, type, to] of text.matchAll(/^type (\w+) (?!struct|interface|func)(=\s*)?(\S+)/gm))
    aliases.set(`${name}.${type}`, { to, qualify });
  for (const [, type, , to] of text.matchAll(/^type (\w+) (?!struct|interface|func)(=\s*)?(\S+)/gm))
    aliases.set(`${name}.${type}`, { to, qualify });
  for (const [, type, body] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields = [...body.matchAll(/^\s*(?:\w+\s+)?([\w.*[\]]+)\s+`json:"([^"]*)"[^`]*protobuf:"([^"]*)"/gm)].map(
      ([, goType, json, proto]) => ({ goType, json, number: Number(proto.split(',')[1]), qualify }),
    );
    if (fields.length > 0) structs.set(`${name}.${type}`, fields);
  }
}

const messages = {};
function typeOf(goType, qualify) {
  if (goType.startsWith('*')) return typeOf(goType.slice(1), qualify);
  if (goType === '[]byte') return 'y';
  if (goType.startsWith('[]')) return `[${typeOf(goType.slice(2), qualify)}`;
  if (goType.startsWith('map[')) return `{${typeOf(goType.slice(goType.indexOf(']') + 1), qualify)}`;
  if (SCALARS[goType]) return SCALARS[goType];
  const full = qualify(goType);
  if (SPECIAL[full]) return SPECIAL[full];
  if (KNOWN_ALIASES[full]) return SCALARS[KNOWN_ALIASES[full]];
  if (structs.has(full)) return add(full);
  const alias = aliases.get(full);
  if (!alias) throw new Error(`unknown type ${full}`);
  const type = typeOf(alias.to, alias.qualify);
  // A named slice is a message with one repeated field.
  return type.startsWith('[') ? `items:${type}` : type;
}
function add(full) {
  if (!messages[full]) {
    messages[full] = [];
    for (const { goType, json, number, qualify } of structs.get(full)) {
      const [name, ...flags] = json.split(',');
      if (name === '-' || !Number.isInteger(number)) continue;
      messages[full].push([number, flags.includes('inline') ? '' : name, typeOf(goType, qualify), goType.startsWith('*') ? 1 : 0]);
    }
  }
  return `m:${full}`;
}

const kinds = {};
for (const [full, fields] of structs) {
  const path = full.slice(0, full.lastIndexOf('.'));
  const kind = full.slice(full.lastIndexOf('.') + 1);
  if (!path.startsWith('k8s.io/api/') || !fields.some(({ json }) => json.startsWith('metadata')) || kind.endsWith('List')) continue;
  const [group, version] = path.slice('k8s.io/api/'.length).split('/');
  const suffix =
    {
      core: '',
      rbac: 'rbac.authorization.k8s.io/',
      networking: 'networking.k8s.io/',
      scheduling: 'scheduling.k8s.io/',
      authorization: 'authorization.k8s.io/',
      authentication: 'authentication.k8s.io/',
      storage: 'storage.k8s.io/',
      coordination: 'coordination.k8s.io/',
      discovery: 'discovery.k8s.io/',
    }[group] ?? `${group}/`;
  add(full);
  kinds[`${suffix}${version} ${kind}`] = full;
}
add('k8s.io/apimachinery/pkg/apis/meta/v1.DeleteOptions');
kinds['v1 DeleteOptions'] = 'k8s.io/apimachinery/pkg/apis/meta/v1.DeleteOptions';

const short = (text) => text.replaceAll('k8s.io/apimachinery/pkg/apis/', '').replaceAll('k8s.io/api/', '');
writeFileSync(
  new URL('./generated/kubernetes-1.36.json', import.meta.url),
  short(JSON.stringify({ kinds, messages })).replaceAll(']],"', ']],\n"'),
);
console.log(`${Object.keys(kinds).length} kinds, ${Object.keys(messages).length} messages`);
