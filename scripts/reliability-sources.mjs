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
      seen: `${number(ended.refused)} refused before anything was sent; ${number(requests)} requests left, ${number(writes)} of them writes, all of the tool's own routes; ${number(refusedByServer)} had a value that Proxmox VE refuses by itself`,
      wrong: Object.keys(faults).length,
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
