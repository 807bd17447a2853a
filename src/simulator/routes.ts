import type { Route } from './route.js';
import { accessRoutes } from './routes/access.js';
import { aclRoutes } from './routes/acl.js';
import { clusterRoutes } from './routes/cluster.js';
import { guestAgentRoutes } from './routes/guest-agent.js';
import { guestPowerRoutes } from './routes/guest-power.js';
import { guestRoutes } from './routes/guests.js';
import { nodeRoutes } from './routes/nodes.js';
import { poolRoutes } from './routes/pools.js';
import { resourceRoutes } from './routes/resources.js';
import { rrdRoutes } from './routes/rrd.js';
import { storageRoutes } from './routes/storage.js';
import { taskRoutes } from './routes/tasks.js';

/** All that the simulator answers. */
export const routes: readonly Route[] = [
  ...clusterRoutes,
  ...resourceRoutes,
  ...nodeRoutes,
  ...guestRoutes,
  ...guestPowerRoutes,
  ...guestAgentRoutes,
  ...storageRoutes,
  ...taskRoutes,
  ...rrdRoutes,
  ...poolRoutes,
  ...accessRoutes,
  ...aclRoutes,
];
