import { type ApiAnswer, textAnswer } from '../http/api-request.js';

/** Asked for with an `@`, which no media type may hold; the real server answers, and newer clients ask, without it. */
const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const INFO = { title: 'Kubernetes', version: 'v1.36' };
const JSON_TEXT = JSON.stringify({ swagger: '2.0', info: INFO, paths: {}, definitions: {} });
/** Field numbers of gnostic's openapi.v2.Document: swagger 1, info 2 (title 1, version 2), paths 8, definitions 9. */
const PROTOBUF_TEXT = field(1, '2.0') + field(2, field(1, INFO.title) + field(2, INFO.version)) + field(8, '') + field(9, '');

/**
 * `/openapi/v2` without a type in it: types are described by v3 only. kubectl still asks for it when a file holds a
 * `List`, and skips its own check of kinds that it does not find here; the server checks them all.
 */
export function openApiV2(accept: string | undefined): ApiAnswer {
  return accept?.replace('@', '.').includes(PROTOBUF)
    ? textAnswer(200, PROTOBUF_TEXT, PROTOBUF)
    : textAnswer(200, JSON_TEXT, 'application/json');
}

/** A length-delimited protobuf field; number and length fit one byte each, so that the message is ASCII. */
function field(number: number, content: string): string {
  return String.fromCharCode((number << 3) | 2, content.length) + content;
}
