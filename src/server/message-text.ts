import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { Redact } from '../client/redact/redact.js';

/**
 * How messages are written: without secrets.
 * @param made results that were made with the bundle, as the list of tools: they hold none
 */
export const textsOf = (redact: Redact, made: WeakSet<object>) => (message: JSONRPCMessage) => {
  if (!('result' in message)) return redact(JSON.stringify(message));
  if (made.has(message.result)) return JSON.stringify(message);
  const { result, ...envelope } = message;
  const { content, structuredContent, ...more } = result;
  const text = structuredContent === undefined ? undefined : onlyText(content);
  return text === undefined ? redact(JSON.stringify(message)) : answerLine({ ...envelope, result: more }, redact, text);
};

/** An answer's text is the JSON of its structured content, which may be long: it is searched and written but once. */
function answerLine(message: object, redact: Redact, text: string): string {
  const json = redact(text);
  const before = redact(JSON.stringify(message)).slice(0, -2);
  const comma = before.endsWith('{') ? '' : ',';
  return `${before}${comma}"content":[{"type":"text","text":${JSON.stringify(json)}}],"structuredContent":${json}}}`;
}

function onlyText(content: unknown): string | undefined {
  const first: unknown = Array.isArray(content) && content.length === 1 ? content[0] : undefined;
  return typeof first === 'object' && first !== null && 'text' in first && typeof first.text === 'string'
    ? first.text
    : undefined;
}
