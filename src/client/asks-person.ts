import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Tool } from '../tools/define.js';

/** Whether a person has to say yes to what a tool changes: who may do what is asked about as what destroys is. */
export const asksPerson = ({ effect, toolset }: Tool, { confirm }: Pick<ClusterRegistryConfig, 'confirm'>): boolean =>
  confirm === 'human-all' || (confirm === 'human' && (effect === 'destroy' || toolset === 'access'));
