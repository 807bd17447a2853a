// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is cut
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
// C0 but tab and newline, C1, zero-width and bidi controls, tag characters: nothing that a reader sees.
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is cut
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** Text that a guest or a log can write, without what steers a terminal or hides from a reader. */
export function cleanText(text: string): string {
  return text.replace(ansi, '').replace(unseen, '');
}

/** Whether JSON surely holds no text that {@link cleanText} would change: most of it is plain, and one look is quick. */
export const isPlainJson = (json: string): boolean => /^[ -~]*$/.test(json) && !/\\[ubfr]/.test(json);
