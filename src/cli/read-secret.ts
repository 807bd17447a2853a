const longest = 65_536;
const keys = { enter: /[\r\n]/, interrupt: '\u0003', end: '\u0004', erase: /[\b\u007f]/ };

/** A secret from standard input: all of it, or, from a terminal, one line that is not shown. */
export function readSecret(prompt: string): Promise<string> {
  return process.stdin.isTTY ? readHidden(prompt) : readAll();
}

async function readAll(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > longest) throw new Error('what stands on standard input is too long for a secret');
  }
  return text.trim();
}

async function readHidden(prompt: string): Promise<string> {
  // Before the prompt: what is typed in answer to it must not be shown.
  process.stdin.setRawMode(true).setEncoding('utf8').resume();
  process.stderr.write(prompt);
  try {
    return await typedLine();
  } finally {
    process.stdin.setRawMode(false).pause();
    process.stderr.write('\n');
  }
}

function typedLine(): Promise<string> {
  return new Promise((done, fail) => {
    let typed = '';
    process.stdin.on('data', (chunk) => {
      for (const key of String(chunk)) {
        if (key === keys.interrupt) return fail(new Error('interrupted; nothing was encrypted'));
        if (key === keys.end || keys.enter.test(key)) return done(typed.trim());
        typed = keys.erase.test(key) ? typed.slice(0, -1) : typed + key;
      }
    });
    process.stdin.once('error', fail);
  });
}
