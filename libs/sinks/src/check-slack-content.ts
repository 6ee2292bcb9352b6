import { isObject } from '@flotilla/kernel';

/** A message that Slack's Web API would not take: its error, and where in the message, as `response_metadata.messages` says it. */
export interface SlackRefusal {
  error: string;
  messages?: string[];
}

const MAX_TEXT = 40_000;
const MAX_BLOCKS = 50;
const MAX_ATTACHMENTS = 100;
const SECTION_TEXT = 3_000;
const HEADER_TEXT = 150;
const MAX_FIELDS = 10;

/** Checks text, blocks and attachments of a message by the public description of the Web API and of Block Kit, as far as it is used here. */
export function checkSlackContent({ text, blocks, attachments }: Readonly<Record<string, unknown>>): SlackRefusal | undefined {
  const hasText = typeof text === 'string' && text.trim() !== '';
  if (blocks !== undefined) {
    if (!Array.isArray(blocks)) return { error: 'invalid_blocks_format' };
    if (blocks.length > MAX_BLOCKS) return invalidBlock('no more than 50 items allowed', '/blocks');
    for (const [index, block] of blocks.entries()) {
      const wrong = checkBlock(block, `/blocks/${index}`);
      if (wrong) return wrong;
    }
  }
  if (attachments !== undefined) {
    if (!Array.isArray(attachments) || !attachments.every(isObject)) return { error: 'invalid_attachments' };
    if (attachments.length > MAX_ATTACHMENTS) return { error: 'too_many_attachments' };
    const wrong = attachments.map(checkAttachment).find((refusal) => refusal !== undefined);
    if (wrong) return wrong;
  }
  if (typeof text === 'string' && text.length > MAX_TEXT) return { error: 'msg_too_long' };
  const hasParts = (Array.isArray(blocks) && blocks.length > 0) || (Array.isArray(attachments) && attachments.length > 0);
  return hasText || hasParts ? undefined : { error: 'no_text' };
}

function checkBlock(block: unknown, at: string): SlackRefusal | undefined {
  if (!isObject(block)) return invalidBlock('must be an object', at);
  switch (block.type) {
    case 'section':
      return checkSection(block, at);
    case 'header':
      return checkText(block.text, `${at}/text`, HEADER_TEXT, ['plain_text']);
    case 'context':
    case 'actions':
      return Array.isArray(block.elements) && block.elements.length > 0
        ? undefined
        : invalidBlock('missing required field: elements', `${at}/elements`);
    case 'image':
      return typeof block.image_url === 'string' && typeof block.alt_text === 'string'
        ? undefined
        : invalidBlock('missing required field: image_url', at);
    case 'divider':
    case 'rich_text':
    case 'markdown':
      return undefined;
    default:
      return invalidBlock('unsupported type', `${at}/type`);
  }
}

function checkSection(block: Readonly<Record<string, unknown>>, at: string): SlackRefusal | undefined {
  const { text, fields } = block;
  if (text === undefined && fields === undefined) return invalidBlock('missing required field: text', at);
  if (fields !== undefined) {
    if (!Array.isArray(fields) || fields.length === 0 || fields.length > MAX_FIELDS)
      return invalidBlock('must hold 1 to 10 items', `${at}/fields`);
    const wrong = fields.map((field, index) => checkText(field, `${at}/fields/${index}`, 2_000)).find((refusal) => refusal !== undefined);
    if (wrong) return wrong;
  }
  return text === undefined ? undefined : checkText(text, `${at}/text`, SECTION_TEXT);
}

function checkText(value: unknown, at: string, most: number, types = ['plain_text', 'mrkdwn']): SlackRefusal | undefined {
  if (!isObject(value) || !types.includes(String(value.type))) return invalidBlock('must be a text object', at);
  if (typeof value.text !== 'string' || value.text === '') return invalidBlock('must be a non-empty string', `${at}/text`);
  return value.text.length > most ? invalidBlock(`must be less than ${most + 1} characters`, `${at}/text`) : undefined;
}

function checkAttachment({ fields }: Readonly<Record<string, unknown>>): SlackRefusal | undefined {
  if (fields === undefined) return undefined;
  const isFine = Array.isArray(fields) && fields.every((field) => isObject(field) && ['string', 'undefined'].includes(typeof field.value));
  return isFine ? undefined : { error: 'invalid_attachments' };
}

function invalidBlock(what: string, at: string): SlackRefusal {
  return { error: 'invalid_blocks', messages: [`[ERROR] ${what} [json-pointer:${at}]`] };
}
