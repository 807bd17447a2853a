import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { Redact } from '../client/redact/redact.js';

/**
 * How messages are written: without secrets.
 * @param made the JSON of results that were made with the bundle and hold none
 */
export const textsOf = (redact: Redact, made: WeakMap<object, string>) => (message: JSONRPCMessage) => {
  if (!('result' in message)) return redact(JSON.stringify(message));
  const { result, ...envelope } = message;
  const whole = made.get(result);
  if (whole !== undefined) return withMember(JSON.stringify(envelope), 'result', whole);
  const { content, structuredContent, ...more } = result;
  const text = structuredContent === undefined ? undefined : onlyText(content);
  if (text === undefined) return redact(JSON.stringify(message));
  // Its text is the JSON of its structured content, which may be long: it is searched and written but once.
  const json = redact(text);
  const said = withMember(redact(JSON.stringify(more)), 'content', `[{"type":"text","text":${JSON.stringify(json)}}]`);
  return withMember(redact(JSON.stringify(envelope)), 'result', withMember(said, 'structuredContent', json));
};

/** An object's JSON with one member more. */
const withMember = (object: string, name: string, value: string) =>
  `${object.slice(0, -1)}${object === '{}' ? '' : ','}"${name}":${value}}`;

function onlyText(content: unknown): string | undefined {
  const first: unknown = Array.isArray(content) && content.length === 1 ? content[0] : undefined;
  return typeof first === 'object' && first !== null && 'text' in first && typeof first.text === 'string'
    ? first.text
    : undefined;
}
