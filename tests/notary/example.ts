/** A call that must go through without a fault: a tool, and its arguments or how they follow from the answer before. */
export type Example = readonly [
  tool: string,
  args: Record<string, unknown> | ((last: Record<string, any> | undefined) => Record<string, unknown>),
];
