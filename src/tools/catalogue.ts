import listAllClusters from './clusters/list-all-clusters.js';
import listNodes from './nodes/list-nodes.js';

/** Every tool there is; the one list. */
export const catalogue = [...listAllClusters, ...listNodes];
