// CSI with its parameters; OSC (as links are), DCS, SOS, PM and APC with all that they carry; any other escape.
const ansi =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is cut
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;
// C0 but tab and newline, C1, soft hyphens, fillers, zero-width, variation and bidi controls, tag characters: nothing
// that a reader sees. Halves of a surrogate pair are no characters at all.
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is cut
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|\u034f|[\u180b-\u180d\u180f]|[\ufe00-\ufe0f]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

/** Text that a guest or a log can write, without what steers a terminal or hides from a reader. */
export function cleanText(text: string): string {
  return text.replace(ansi, '').replace(unseen, '');
}

/** Whether JSON surely holds no text that {@link cleanText} would change: most of it is plain, and one look is quick. */
export const isPlainJson = (json: string): boolean => /^[ -~]*$/.test(json) && !json.includes('\\');
