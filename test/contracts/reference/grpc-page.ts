import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { code, type Page, page, table } from './markdown.js';

const DIRECTORY = 'apps/gateway/proto/flotilla/v1';
const PROTOS = ['fleet.proto', 'application_sets.proto'];

export function grpcPage(): Page {
  return page(
    'grpc.md',
    'gRPC',
    `Package \`flotilla.v1\`, from ${PROTOS.map((file) => code(`${DIRECTORY}/${file}`)).join(' and ')}, over TLS on its own port (8444 by default). ` +
      'The server has reflection, and `grpc.health.v1.Health`.',
    ...PROTOS.flatMap(membersOf).flatMap((member) => {
      if (member instanceof protobuf.Service) return serviceBlocks(member);
      if (member instanceof protobuf.Type) return messageBlocks(member);
      return member instanceof protobuf.Enum ? enumBlocks(member) : [];
    }),
  );
}

function membersOf(file: string): protobuf.ReflectionObject[] {
  const path = fileURLToPath(new URL(`../../../${DIRECTORY}/${file}`, import.meta.url));
  const { root, package: name = '' } = protobuf.parse(readFileSync(path, 'utf8'), { keepCase: true, alternateCommentMode: true });
  return (root.lookup(name) as protobuf.Namespace).nestedArray;
}

function serviceBlocks(service: protobuf.Service): string[] {
  const rows = service.methodsArray.map(({ name, requestType, responseType, responseStream, comment }) => [
    code(name),
    code(requestType),
    `${responseStream ? 'stream of ' : ''}${code(responseType)}`,
    comment ?? '',
  ]);
  return [`## Service ${service.name}`, service.comment ?? '', table(['Call', 'Request', 'Reply', 'What it does'], rows)];
}

function messageBlocks(message: protobuf.Type): string[] {
  const rows = message.fieldsArray.map((field) => [String(field.id), code(field.name), code(typeOf(field)), field.comment ?? '']);
  return [`## ${message.name}`, message.comment ?? '', table(['No.', 'Field', 'Type', 'Remark'], rows)];
}

function enumBlocks(list: protobuf.Enum): string[] {
  const rows = Object.entries(list.values).map(([name, id]) => [String(id), code(name)]);
  return [`## ${list.name}`, list.comment ?? '', table(['No.', 'Value'], rows)];
}

function typeOf(field: protobuf.Field): string {
  if (field instanceof protobuf.MapField) return `map<${field.keyType}, ${field.type}>`;
  return field.repeated ? `repeated ${field.type}` : field.type;
}
