import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { route } from '../../src/clusters/route.js';
import type { ClusterPattern } from '../../src/config/cluster-config.js';
import { parsePattern, parsePatterns } from '../../src/config/patterns.js';
import { configOf, faultsOf, multi, withNotes } from './environments.js';

const names = ['production', 'staging', 'dr'];

function parse(text: string) {
  return withNotes((notes) => parsePatterns(text, names, notes));
}

function matcher(text: string): RegExp {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value.regex;
}

describe('a pattern', () => {
  it.each([
    ['prod-', 'prod-web', true],
    ['prod-', 'PROD-web', true],
    ['prod-', 'my-prod-web', false],
    ['prod.', 'prodx', false],
    ['*-prod', 'web-prod', true],
    ['*-prod', 'web-prod-2', false],
    ['web-*-eu', 'web-1-eu', true],
    ['web-*-eu', 'web--eu', true],
    ['web-*-eu', 'web-eu', false],
    ['*', 'anything', true],
    ['/^web\\d+$/', 'WEB12', true],
    ['/^web\\d+$/', 'web', false],
    ['/db/', 'my-db-1', true],
    ['/a\\/b/', 'a/b', true],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(matcher(pattern).test(name)).toBe(expected);
  });

  it.each([
    ['prod-', 5],
    ['prod-*', 5],
    ['*-prod-*', 6],
    ['*', 0],
    ['/^web\\d+$/', 3],
    ['/^(?:web|app)-[0-9]{2}\\.eu$/', 7],
    ['/^(web|database|cache)-/', 4],
    ['/a(b|cd(ef|g)|hij)k/', 3],
    ['/abc|d|/', 0],
    ['/^(?:prod-)?(eu-)*(us-){0,2}web/', 3],
    ['/(ab)+(cd){2}e+?f{1,3}/', 6],
    ['/a?b*?c{0}d{0,1}?e/', 1],
    ['/^(?!web-test|web-old)web-(?=prod)/', 4],
    ['/[(|]a\\(\\|[)]/', 3],
    ['/x{/', 2],
    ['/(?<kind>db)\\k<kind>x?/', 2],
    ['/.*/', 0],
    ['/\\x41\\u0042c/', 1],
  ])('%s has %d literal characters', (pattern, literal) => {
    expect(parsePattern(pattern)).toMatchObject({ ok: true, value: { pattern, literal } });
  });

  it.each([
    ['', "has the pattern ''"],
    ['prod web', "has the pattern 'prod web': write letters, digits, '-', '.', '_' and '*', or /regex/"],
    ['pröd', 'write letters'],
    ['prod?', 'write letters'],
    ['/(/', "has the pattern '/(/', which is no valid regular expression"],
    ['/[/', 'no valid regular expression'],
    ['//', "write /regex/, with a '/' at its end and no flags"],
    ['/', 'with a'],
    ['/abc', 'with a'],
    ['/abc/i', 'no flags'],
    ['a*b*c*d*e*', "at most 4 '*'"],
    [`/${'a'.repeat(199)}/`, 'has a pattern of 201 characters: at most 200'],
  ])('%j is refused', (pattern, problem) => {
    const parsed = parsePattern(pattern);
    expect(parsed.ok ? '' : parsed.problem).toContain(problem);
  });

  it('matches what it is the beginning of, and its literal text is as long as it', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/),
        fc.stringMatching(/^[a-z0-9-]{0,10}$/),
        (prefix, tail) => {
          expect(matcher(prefix).test(prefix.toUpperCase() + tail)).toBe(true);
          expect(matcher(`${prefix}*`).test(prefix + tail)).toBe(true);
          expect(matcher(`*${prefix}`).test(tail + prefix)).toBe(true);
          expect(matcher(prefix).test(`!${prefix}`)).toBe(false);
          expect(parsePattern(prefix)).toMatchObject({ value: { literal: prefix.length } });
        },
      ),
    );
  });

  it('has as many literal characters as the shortest text that it matches', () => {
    interface Part {
      readonly source: string;
      readonly shortest: string;
    }
    const shorter = (a: Part, b: Part) => (b.shortest.length < a.shortest.length ? b : a);
    const { part } = fc.letrec<{ part: Part }>((tie) => ({
      part: fc.oneof(
        { maxDepth: 4 },
        fc.stringMatching(/^[a-z-]{1,4}$/).map((text) => ({ source: text, shortest: text })),
        fc.tuple(tie('part'), tie('part')).map(([a, b]) => ({
          source: `(?:${a.source})(${b.source})`,
          shortest: a.shortest + b.shortest,
        })),
        fc.tuple(tie('part'), tie('part')).map(([a, b]) => ({
          source: `(${a.source}|${b.source})`,
          shortest: shorter(a, b).shortest,
        })),
        fc.tuple(tie('part'), fc.constantFrom('?', '*', '*?', '{0,2}', '{0}')).map(([a, quantity]) => ({
          source: `(?:${a.source})${quantity}`,
          shortest: '',
        })),
        fc.tuple(tie('part'), fc.constantFrom('+', '+?', '{1}', '{1,}')).map(([a, quantity]) => ({
          source: `(${a.source})${quantity}`,
          shortest: a.shortest,
        })),
      ),
    }));
    fc.assert(
      fc.property(part, ({ source, shortest }) => {
        fc.pre(source.length <= 198);
        expect(new RegExp(`^(?:${source})$`).test(shortest)).toBe(true);
        expect(parsePattern(`/${source}/`)).toMatchObject({ value: { literal: shortest.length } });
      }),
      { numRuns: 1000 },
    );
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 250 }), (text) => {
        for (const input of [text, `/${text}/`]) {
          const parsed = parsePattern(input);
          if (!parsed.ok) continue;
          expect(parsed.value.literal).toBeGreaterThanOrEqual(0);
          expect(parsed.value.literal).toBeLessThanOrEqual(input.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('PROXMOX_CLUSTER_PATTERNS', () => {
  it.each([
    '{"prod-":"production","*-stg":"staging","/^dr\\\\d{1,3}$/":"dr"}',
    ' { "prod-" : "production" ,\n "*-stg":"staging" , "/^dr\\\\d{1,3}$/":" dr " } ',
    'prod-:production,*-stg:staging,/^dr\\d{1,3}$/:dr',
    ' prod- : production ,, *-stg:staging , /^dr\\d{1,3}$/ : dr ,',
  ])('%s', (text) => {
    const { patterns } = configOf(multi(names, { PROXMOX_CLUSTER_PATTERNS: text }));
    expect(patterns).toEqual([
      { pattern: 'prod-', regex: /^prod-/i, literal: 5, cluster: 'production' },
      { pattern: '*-stg', regex: /^.*-stg$/i, literal: 4, cluster: 'staging' },
      { pattern: '/^dr\\d{1,3}$/', regex: /^dr\d{1,3}$/i, literal: 2, cluster: 'dr' },
    ]);
  });

  it('gives a name to the pattern that says most of it, whatever other branches a regular expression has', () => {
    const PROXMOX_CLUSTER_PATTERNS = '{"web-prod-":"production","/^(web|database|cache)-/":"staging"}';
    const config = configOf(multi(names, { PROXMOX_CLUSTER_PATTERNS }));
    expect(route({ name: 'web-prod-1' }, config).cluster).toBe('production');
    expect(route({ name: 'web-1' }, config).cluster).toBe('staging');
    expect(route({ name: 'database-1' }, config).cluster).toBe('staging');
  });

  it('keeps commas, colons and slashes of a regular expression in the short form', () => {
    expect(parse('/^(?:a|b){1,2}$/:dr,/x\\/y:z/:staging').value.map(({ pattern }) => pattern)).toEqual([
      '/^(?:a|b){1,2}$/',
      '/x\\/y:z/',
    ]);
  });

  it('takes an empty object', () => {
    expect(parse('{}')).toEqual({ value: [], faults: [], warnings: [] });
  });

  it.each([
    ['{"prod-":"production"', 'V is no valid JSON: write it like {"prod-":"production"'],
    ["{'prod-':'production'}", 'V is no valid JSON'],
    ['["prod-"]', 'V is no JSON object that gives'],
    ['"prod-"', 'V is no JSON object that gives'],
    ['{"prod-":1}', 'V is no JSON object that gives'],
    ['{"a":{"b":"c"},"a":"dr"}', 'V is no JSON object that gives'],
    ['prod-', "V has 'prod-': write"],
    ['prod-=production', "V has 'prod-=production': write"],
    ['a:b:c', "V has 'a:b:c': write"],
    ['/abc/', "V has '/abc/': write"],
    ['/abc:dr', "V has '/abc:dr': write"],
    ['/abc/i:dr', "V has '/abc/i:dr': write"],
  ])('%s is refused', (text, fault) => {
    const { value, faults } = parse(text);
    expect(value).toEqual([]);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('refuses an unknown cluster, with the nearest and the list', () => {
    expect(parse('prod-:prodution,x-:qq').faults).toEqual([
      "V for the pattern 'prod-' names 'prodution', which is no cluster (production, staging, dr); did you mean 'production'?",
      "V for the pattern 'x-' names 'qq', which is no cluster (production, staging, dr)",
    ]);
  });

  it('names what is wrong with the pattern and with the cluster', () => {
    expect(parse('{"/(/":"nowhere"}').faults).toHaveLength(2);
  });

  it('refuses one pattern for two clusters', () => {
    expect(parse('{"prod-":"production","prod-":"staging"}').faults).toEqual([
      "V gives the pattern 'prod-' to production and to staging: keep one",
    ]);
    expect(parse('prod-:production,PROD-:dr').faults).toHaveLength(1);
    expect(parse('/\\d/:production,/\\D/:dr').faults).toEqual([]);
  });

  it('warns of one pattern twice for one cluster', () => {
    const { value, faults, warnings } = parse('prod-:dr,Prod-:dr');
    expect(value).toHaveLength(1);
    expect(faults).toEqual([]);
    expect(warnings).toEqual(["V has the pattern 'Prod-' twice: keep one"]);
  });

  it('reads both forms of any patterns to the same', () => {
    const key = fc.oneof(
      fc.stringMatching(/^[a-z0-9._-]{1,12}$/),
      fc.stringMatching(/^[a-z-]{1,6}\*[a-z-]{0,6}$/),
      fc.constantFrom('/^a{1,2}$/', '/x:y,z/', '/a\\/b/', '/[,:]/', '/"\\\\/'),
    );
    const entries = fc.uniqueArray(fc.tuple(key, fc.constantFrom(...names)), { selector: ([pattern]) => pattern });
    fc.assert(
      fc.property(entries, (pairs) => {
        const json = parse(JSON.stringify(Object.fromEntries(pairs)));
        const short = parse(pairs.map(([pattern, cluster]) => `${pattern}:${cluster}`).join(','));
        const sorted = (patterns: readonly ClusterPattern[]) =>
          patterns.toSorted((a, b) => (a.pattern < b.pattern ? -1 : 1));
        expect(json.faults).toEqual([]);
        expect(sorted(json.value)).toEqual(sorted(short.value));
        expect(short.value.map(({ pattern, cluster }) => [pattern, cluster])).toEqual(pairs);
      }),
    );
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => void parse(text)),
      { numRuns: 1000 },
    );
    expect(parse(`{"${'\\"'.repeat(200_000)}":"dr"}`).faults).toHaveLength(1);
    expect(parse('/a/:'.repeat(2000)).faults).not.toEqual([]);
  });

  it('is part of the configuration’s faults', () => {
    expect(faultsOf(multi(names, { PROXMOX_CLUSTER_PATTERNS: 'x:y' }))).toHaveLength(1);
  });
});
