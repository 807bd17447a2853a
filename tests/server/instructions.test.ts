import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { instructions } from '../../src/server/instructions.js';

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,60}$/);

function environment(names: readonly string[], patterns: readonly string[]): Record<string, string> {
  const ofCluster = (cluster: string, index: number) => [
    [`PROXMOX_CLUSTER_${cluster}_API_URL`, `https://192.0.2.${index}:8006`],
    [`PROXMOX_CLUSTER_${cluster}_TOKEN_ID`, 'mcp@pve!token'],
    [`PROXMOX_CLUSTER_${cluster}_TOKEN_SECRET`, '00000000-0000-0000-0000-000000000000'],
  ];
  const first = names[0] ?? '';
  return {
    ...Object.fromEntries(names.flatMap(ofCluster)),
    PROXMOX_CLUSTERS: names.join(','),
    PROXMOX_CLUSTER_PATTERNS: JSON.stringify(Object.fromEntries(patterns.map((pattern) => [pattern, first]))),
  };
}

describe('the instructions', () => {
  it('stay under 2,000 characters, however many clusters and patterns there are', () => {
    const names = fc.uniqueArray(name, { minLength: 2, maxLength: 60, selector: (one) => one.toLowerCase() });
    fc.assert(
      fc.property(names, fc.uniqueArray(name, { maxLength: 40 }), (clusters, patterns) => {
        const parsed = parseEnv(environment(clusters, patterns));
        fc.pre(parsed.ok);
        const text = instructions(requireConfig(parsed));
        expect(text.length).toBeLessThan(2000);
        expect(text).toContain(`Default: ${clusters[0]}.`);
      }),
    );
  });

  it('say that a server is read-only, and nothing of how things are changed', () => {
    const text = instructions(requireConfig(parseEnv({ ...environment(['a', 'b'], []), PROXMOX_READ_ONLY: 'true' })));
    expect(text).toContain('read-only');
    expect(text).not.toMatch(/dry_run|confirm/);
    expect(instructions(requireConfig(parseEnv(environment(['a', 'b'], []))))).not.toContain('read-only');
  });

  it('say what may be done on which cluster, where there are rules', () => {
    const env = { ...environment(['a', 'b'], []), PROXMOX_CLUSTER_a_ACCESS: 'read', PROXMOX_CLUSTER_b_DENY_TOOLS: 'x' };
    const text = instructions(requireConfig(parseEnv(env)));
    expect(text).toContain('a (access read), b.');
    expect(text).toContain('an error POLICY names one');
    expect(instructions(requireConfig(parseEnv(environment(['a', 'b'], []))))).not.toContain('POLICY');
  });

  it('say how a cluster is chosen, and that nothing is remembered', () => {
    const text = instructions(requireConfig(parseEnv(environment(['a', 'b'], ['web-']))));
    expect(text).toContain("the 'cluster' argument, else the guest's name by pattern, else its VMID by map");
    expect(text).toContain('Nothing is remembered between calls');
    expect(text).toContain('name web- -> a');
  });
});
