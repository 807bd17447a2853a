import { z } from 'zod';
import { defineTool } from '../define.js';
import { fewestBefore, fewestNow, judge } from './anomalies.js';
import { about, measured, subjectCalls, subjectInput, subjectOutput, subjectPrivileges } from './subject.js';

/** In spreads; 3.5 is what Iglewicz and Hoaglin advise for the median absolute deviation. */
const thresholds = { low: 6, medium: 3.5, high: 2.5 } as const;

const row = z.object({
  series: z.string(),
  unit: z.string().optional(),
  now: z.number(),
  usual: z.number(),
  spread: z.number(),
  score: z.number().optional(),
  now_samples: z.number(),
  usual_samples: z.number(),
});

export default [
  defineTool({
    name: 'proxmox-anomaly-detection',
    title: 'Anomaly detection',
    description: 'What of a guest, node or storage was unusual in the last hour.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'metrics',
    input: {
      ...subjectInput,
      sensitivity: z.enum(['low', 'medium', 'high']).optional().describe('Default medium'),
    },
    output: z.object({
      ...subjectOutput,
      /** unusual, usual, or not enough data. */
      verdict: z.string(),
      threshold: z.number(),
      anomalies: z.array(row),
      usual: z.array(z.string()),
      unjudged: z.array(z.object({ series: z.string(), reason: z.string() })),
    }),
    calls: subjectCalls,
    privileges: subjectPrivileges,
    run: async ({ input, call, note }) => {
      const { subject, read } = await measured(input, call);
      const threshold = thresholds[input.sensitivity ?? 'medium'];
      const [hour, week] = await Promise.all([read('hour', 'AVERAGE'), read('week', 'AVERAGE')]);
      const { judged, unjudged } = judge(hour, week, threshold);
      const anomalies = judged.filter((one) => one.anomaly);
      if (judged.length === 0)
        note(`Nothing can be said: ${fewestNow} values of the last hour and ${fewestBefore} of the week are needed.`);
      return {
        ...about(subject),
        verdict: judged.length === 0 ? 'not enough data' : anomalies.length > 0 ? 'unusual' : 'usual',
        threshold,
        anomalies: anomalies.map(({ anomaly, ...one }) => one),
        usual: judged.filter((one) => !one.anomaly).map(({ series }) => series),
        unjudged: [...unjudged],
      };
    },
  }),
];
