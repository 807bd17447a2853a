// What docs/reliability.md tells of. Each entry: the command whose last line (or whole output) is JSON with its figures,
// what it tries, and how its figures are read: `tried` and `seen` in words, `wrong` as the number of things that went wrong.
const number = (value) => value.toLocaleString('en');
const sum = (counts) => Object.values(counts).reduce((all, count) => all + count, 0);

export const sources = [
  {
    name: 'fuzz',
    title: 'Hostile arguments',
    about:
      "Every tool is called with arguments that are made to break it; every request that leaves is held against the tool's routes and the official contract.",
    command: 'npm run fuzz',
    read: ({ cases, tools, requests, writes, ended, refusedByServer, faults }) => ({
      tried: `${number(cases)} calls of ${tools} tools`,
      seen: `${number(ended.refused)} refused before anything was sent; ${number(requests)} requests left, ${number(writes)} of them writes; ${Object.keys(faults).length === 0 ? 'all of' : 'not all of'} the tool's own routes; ${number(refusedByServer)} of them Proxmox VE would have refused`,
      wrong: Object.keys(faults).length + refusedByServer,
    }),
  },
  {
    name: 'policy',
    title: 'The rules of a cluster',
    about:
      'The examples of all tools under ACCESS, ALLOW_VMIDS and PROTECT_TAGS, and what they send without rules, sent by hand past all tools through the library. What reaches a cluster is held against a second statement of the rules.',
    command: 'node scripts/test-figures.mjs tests/policy/catalogue.test.ts',
    read: ({ calls, refused, requests, writes, byHand, refusedByHand, passed }) => ({
      tried: `${number(calls)} calls, and ${number(byHand + refusedByHand)} requests by hand`,
      seen: `${number(refused)} calls and ${number(refusedByHand)} of the requests by hand were refused; ${number(requests)} requests of the calls left, ${number(writes)} of them writes; ${passed ? 'none' : 'some'} against a rule`,
      wrong: passed ? 0 : 1,
    }),
  },
  {
    name: 'secrets',
    title: 'Planted secrets',
    about:
      "Secrets stand in the settings, in files, arguments, answers, errors, task logs and guests' texts; every tool and every command is run, and all that leaves is searched for them: standard output and error, logs, the audit, other files and their names; plain and encoded.",
    command: 'npm run secrets',
    read: ({ calls, commands, answers, errors, bytes, secrets, spellings, leaks }) => ({
      tried: `${number(calls)} calls and ${number(commands)} commands, ${number(secrets)} secrets in ${number(spellings)} spellings`,
      seen: `${number(answers)} answers and ${number(errors)} errors, ${number(bytes)} bytes searched, ${leaks} leaks`,
      wrong: leaks,
    }),
  },
  {
    name: 'hostile-guests',
    title: 'Hostile guests and clusters',
    about:
      'Every tool on clusters whose every answer holds texts that are made to mislead: steering characters, sentences that ask for something, ends of quotes and of JSON, very long ones; as read, as planned, as done, and failing in each way. In process.',
    command: 'npm run hostile-guests',
    read: ({ tools, calls, planted, bytesLooked, progress, faults }) => ({
      tried: `${number(calls)} calls of ${tools} tools, ${number(planted)} hostile texts`,
      seen: `${number(bytesLooked)} characters of answers and ${number(progress)} messages of progress looked at; ${Object.keys(faults).length === 0 ? 'no text' : 'some texts'} uncleaned, over its bound, or unquoted in a sentence of ours`,
      wrong: Object.keys(faults).length,
    }),
  },
  {
    name: 'audit',
    title: 'The audit',
    about:
      'The examples of all tools that change something, with the audit on: each request that a cluster saw has its line, and no other; every file is verified.',
    command: 'node scripts/test-figures.mjs tests/audit-examples.test.ts',
    read: ({ calls, requests, lines, secrets, passed }) => ({
      tried: `${number(calls)} calls with ${number(requests)} requests`,
      seen: `${number(lines)} lines in whole chains; of ${number(secrets)} secret arguments ${passed ? 'none' : 'some'} in them`,
      wrong: passed ? 0 : 1,
    }),
  },
  {
    name: 'faults',
    title: 'Faults',
    about:
      'The examples of all tools of several steps; every fault that the simulator has, at their requests, one at a time. Judged by the state of the clusters: nothing lost, nothing doubled, nothing left unnamed, the truth told, the next call answered. In process.',
    command: 'npm run faults -- --every 7',
    read: ({ every, cases, met, tools, examples, requests, kinds, wrong }) => ({
      tried: `${number(cases)} cases of ${tools} tools${every === 1 ? '' : `, each ${every}th of all`}`,
      seen: `${number(examples)} examples with ${number(requests)} requests, ${Object.keys(kinds).length} kinds of fault, met in ${number(met)} cases`,
      wrong,
    }),
  },
  {
    name: 'kills',
    title: 'Kill -9',
    about:
      'The same tools; the server is killed by SIGKILL right before and right after a write, and started again. What is neither as before nor as done must be listed by proxmox-list-leftovers.',
    command: 'npm run faults -- --kill --every 4',
    read: ({ every, kills, tools, as, rules, listed, wrong }) => ({
      tried: `${number(kills)} kills of ${tools} tools${every === 1 ? '' : `, each ${every}th of all points`}`,
      seen: `afterwards the clusters were ${number(as.before)} times as before, ${number(as.done)} times as done and ${number(as.between)} times in between; ${number(listed)} rows named what was left; ${number(rules)} times a list of firewall rules held old and new ones, which nothing can tell`,
      wrong,
    }),
  },
  {
    name: 'endurance',
    title: 'Endurance',
    about:
      'Everyday calls for a long time: reads, lists over all clusters, plans, power and snapshots with waiting, what is wrong, a dead cluster, cancelled calls. Memory and descriptors at the second tenth of the calls and at the last.',
    command: 'npm run endurance',
    read: ({ calls, seconds, ended, wrong, strays, pending, memory, descriptors, flat, heldAtTheEnd }) => ({
      tried: `${number(calls)} calls over one connection, ${number(Math.round(calls / Math.max(1, seconds)))} a second`,
      seen: `${number(ended.answered)} answered, ${number(ended.error + ended.refused)} refused or failed as they had to, ${number(ended.cancelled)} cancelled; memory ${memory.early} MiB, then ${memory.late} MiB (at most ${memory.peak}); descriptors ${descriptors.before} before, ${descriptors.early} and ${descriptors.late} meanwhile, ${descriptors.after} after; then ${heldAtTheEnd} of 240 calls at once`,
      wrong: wrong.length + strays + pending + (flat === true ? 0 : 1) + (heldAtTheEnd === 240 ? 0 : 1),
    }),
  },
  {
    name: 'in-flight',
    title: 'Many calls at once',
    about:
      'Two hundred calls at once over twenty clusters whose guests have the same VMIDs; three are slow, one is dead, some calls are cancelled, some change something.',
    command: 'npm run in-flight',
    read: ({
      calls,
      clusters,
      atOnce,
      reads,
      writes,
      cancelled,
      toTheDead,
      lost,
      mixed,
      wrongWrites,
      mostRequests,
    }) => ({
      tried: `${number(calls)} calls, ${atOnce} at once, over ${clusters} clusters`,
      seen: `${number(reads)} reads, ${number(writes)} writes, ${number(cancelled)} cancelled, ${number(toTheDead)} to the dead cluster; ${lost} lost, ${mixed.length} mixed up, ${wrongWrites.length} writes missing, doubled or elsewhere; at most ${mostRequests} requests at once at a cluster`,
      wrong: lost + mixed.length + wrongWrites.length + (mostRequests > 8 ? 1 : 0),
    }),
  },
  {
    name: 'flood',
    title: 'A client that floods',
    about:
      'Requests of all kinds are written one after the other and no answer is read, until the server takes no more; then all is read.',
    command: 'npm run flood',
    read: ({ pipelined, answered, busy, lost, wrong, heldBack, memory, mostRequests, bounded }) => ({
      tried: `${number(pipelined)} requests in one go`,
      seen: `${number(answered)} answered, ${number(busy)} told BUSY, ${lost} lost; ${number(heldBack)} were not taken before answers were read; memory ${memory.before} MiB before and at most ${memory.peak} MiB meanwhile; at most ${mostRequests} requests at once at a cluster`,
      wrong:
        lost +
        wrong.length +
        (bounded === true ? 0 : 1) +
        (sum({ answered, busy }) === pipelined ? 0 : 1) +
        (mostRequests > 8 ? 1 : 0),
    }),
  },
];
