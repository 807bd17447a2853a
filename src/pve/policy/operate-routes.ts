import type { Access } from '../../config/tool-rule.js';
import { requestPattern } from './asked.js';

/** What `ACCESS=operate` allows beside reads: power, snapshots and backups of guests. Backups are told from other volumes by their name. */
export const operateRoutes: readonly string[] = [
  'POST /nodes/{node}/{type}/{vmid}/status/(?:start|stop|shutdown|reboot|reset|suspend|resume)',
  'POST /nodes/{node}/(?:startall|stopall|suspendall)',
  'POST /cluster/bulk-action/guest/(?:start|shutdown|suspend)',
  'POST /nodes/{node}/{type}/{vmid}/snapshot',
  'PUT /nodes/{node}/{type}/{vmid}/snapshot/{snapname}/config',
  'DELETE /nodes/{node}/{type}/{vmid}/snapshot/{snapname}',
  'POST /nodes/{node}/{type}/{vmid}/snapshot/{snapname}/rollback',
  'POST /nodes/{node}/vzdump',
  'DELETE /nodes/{node}/storage/{storage}/prunebackups',
  '(?:PUT|DELETE) /nodes/{node}/storage/{storage}/content/(?:[^/:]+:)?backup/{volume}',
];

const patterns = operateRoutes.map(requestPattern);

/** What a request needs to be allowed. */
export function accessFor(request: string): Access {
  if (request.startsWith('GET ')) return 'read';
  return patterns.some((pattern) => pattern.test(request)) ? 'operate' : 'full';
}

/** What a tool needs for all of its requests; a volume of its may be a backup. */
export function accessOf(calls: Readonly<Record<string, { readonly route: string }>>): Access {
  const needed = Object.values(calls).map(({ route }) =>
    accessFor(route.replace('{type}', 'qemu').replace('{volume}', 'backup/{volume}')),
  );
  return needed.includes('full') ? 'full' : needed.includes('operate') ? 'operate' : 'read';
}
