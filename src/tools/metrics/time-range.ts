import { z } from 'zod';

const frames = { '1h': 'hour', '24h': 'day', '7d': 'week', '30d': 'month', '1y': 'year' } as const;

export const timeRange = z.enum(['1h', '24h', '7d', '30d', '1y']).optional();

/** The archive that Proxmox keeps for a range. */
export const frameOf = (range: keyof typeof frames) => frames[range];
