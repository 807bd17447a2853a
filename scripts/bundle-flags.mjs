/** How everything is bundled: the product, and the bare server that the benchmarks hold it against. */
export const bundleFlags = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
};
