const heads = { what: 'Measured', figure: 'Figure', budget: 'Budget', verdict: 'Verdict' };
const columns = Object.keys(heads);

/** The measured lines as a Markdown table, which a terminal shows just as well. */
export function toTable(lines) {
  const widths = columns.map((column) => Math.max(...[heads, ...lines].map((line) => line[column].length)));
  const row = (cells) => `| ${cells.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  const rule = row(widths.map((width) => '-'.repeat(width)));
  return [
    row(columns.map((column) => heads[column])),
    rule,
    ...lines.map((line) => row(columns.map((column) => line[column]))),
  ].join('\n');
}
