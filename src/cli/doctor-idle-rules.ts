import type { PolicyRule } from '../config/cluster-config.js';
import { nearest } from '../config/nearest.js';
import { isMeant } from '../config/tool-rule.js';
import { spansText } from '../pve/policy/rule-text.js';
import type { ClusterCheck } from './doctor-cluster.js';
import type { Finding } from './doctor-finding.js';

/** Rules of a cluster that fit nothing now: misspelt, of what is gone, or of what is yet to come. */
export function idleRules(check: ClusterCheck, tools: ReadonlySet<string>): Finding[] {
  const { policy = [] } = check.config;
  return policy.flatMap((rule): Finding[] => {
    const idle = idleItems(rule, check, tools);
    if (idle === undefined || idle.items.length === 0) return [];
    const message = `its ${rule.kind.toUpperCase()} has ${idle.items.join(', ')}: ${idle.why} (${rule.from})`;
    // What is denied beforehand is denied on purpose.
    const severity = rule.kind === 'deny_tools' ? 'note' : 'warning';
    return [{ severity, code: 'IDLE_POLICY', message, next: idle.next ?? seen }];
  });
}

const seen = 'Correct it, unless it is meant for what is yet to come; only what the token may see was looked at.';
const offered = 'What is offered is set by PROXMOX_TOOLSETS, PROXMOX_TOOLS and PROXMOX_EXCLUDE_TOOLS.';

interface Idle {
  readonly items: readonly string[];
  readonly why: string;
  readonly next?: string;
}

/** `undefined` where it cannot be told. */
function idleItems(rule: PolicyRule, check: ClusterCheck, tools: ReadonlySet<string>): Idle | undefined {
  const { guests, pools } = check;
  switch (rule.kind) {
    case 'access':
      return undefined;
    case 'allow_vmids': {
      const idle = rule.value.filter(({ from, to }) => !guests?.some(({ vmid }) => from <= vmid && vmid <= to));
      return guests && { items: idle.map((span) => spansText([span])), why: 'no guest has such a VMID now' };
    }
    case 'allow_pools': {
      const all = pools && [...pools, ...(guests ?? []).flatMap(({ pool }) => pool ?? [])];
      const idle = rule.value.filter((one) => !all?.some((pool) => pool === one || pool.startsWith(`${one}/`)));
      return all && { items: idle.map((one) => withNear(one, all)), why: 'there is no such pool now' };
    }
    case 'protect_tags': {
      const all = guests?.flatMap(({ tags = '' }) => tags.toLowerCase().split(/[\s,;]+/));
      const idle = rule.value.filter((tag) => !all?.includes(tag.toLowerCase()));
      return all && { items: idle.map((tag) => withNear(tag, all)), why: 'no guest has such a tag now' };
    }
    default: {
      const idle = rule.value.filter((written) => ![...tools].some((name) => isMeant(written, { name })));
      return { items: idle, why: 'no tool that is offered is called so', next: offered };
    }
  }
}

function withNear(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined || near === '' ? word : `${word} (did you mean ${near}?)`;
}
