import type { Route } from './route.js';
import { accessRoutes } from './routes/access.js';
import { aclRoutes } from './routes/acl.js';
import { cloudInitRoutes } from './routes/cloud-init.js';
import { clusterRoutes } from './routes/cluster.js';
import { configurationRoutes } from './routes/configuration.js';
import { cpuModelRoutes } from './routes/cpu-models.js';
import { fileRestoreRoutes } from './routes/file-restore.js';
import { guestAgentRoutes } from './routes/guest-agent.js';
import { guestAgentCommandRoutes } from './routes/guest-agent-commands.js';
import { guestAgentFileRoutes } from './routes/guest-agent-files.js';
import { guestCloneRoutes } from './routes/guest-clone.js';
import { guestConfigRoutes } from './routes/guest-config.js';
import { guestCreateLxcRoutes } from './routes/guest-create-lxc.js';
import { guestCreateQemuRoutes } from './routes/guest-create-qemu.js';
import { guestDeleteRoutes } from './routes/guest-delete.js';
import { guestDiskRoutes } from './routes/guest-disks.js';
import { guestMigrateRoutes } from './routes/guest-migrate.js';
import { migratePreconditionRoutes } from './routes/guest-migrate-preconditions.js';
import { guestPowerRoutes } from './routes/guest-power.js';
import { remoteMigrateRoutes } from './routes/guest-remote-migrate.js';
import { guestSnapshotRoutes } from './routes/guest-snapshots.js';
import { guestSuspendRoutes } from './routes/guest-suspend.js';
import { guestTemplateRoutes } from './routes/guest-template.js';
import { guestRoutes } from './routes/guests.js';
import { migrationTunnelRoutes } from './routes/migration-tunnel.js';
import { nodeActionRoutes } from './routes/node-actions.js';
import { nodeCertificateRoutes } from './routes/node-certificate.js';
import { nodeRoutes } from './routes/nodes.js';
import { poolRoutes } from './routes/pools.js';
import { resourceRoutes } from './routes/resources.js';
import { rrdRoutes } from './routes/rrd.js';
import { storageRoutes } from './routes/storage.js';
import { taskRoutes } from './routes/tasks.js';
import { vzdumpRoutes } from './routes/vzdump.js';

/** All that the simulator answers. */
export const routes: readonly Route[] = [
  ...clusterRoutes,
  ...resourceRoutes,
  ...nodeRoutes,
  ...nodeActionRoutes,
  ...nodeCertificateRoutes,
  ...guestRoutes,
  ...guestPowerRoutes,
  ...guestConfigRoutes,
  ...guestCreateQemuRoutes,
  ...guestCreateLxcRoutes,
  ...guestCloneRoutes,
  ...guestDeleteRoutes,
  ...guestDiskRoutes,
  ...guestTemplateRoutes,
  ...guestSuspendRoutes,
  ...guestMigrateRoutes,
  ...migratePreconditionRoutes,
  ...remoteMigrateRoutes,
  ...migrationTunnelRoutes,
  ...cpuModelRoutes,
  ...cloudInitRoutes,
  ...vzdumpRoutes,
  ...fileRestoreRoutes,
  ...guestSnapshotRoutes,
  ...guestAgentRoutes,
  ...guestAgentCommandRoutes,
  ...guestAgentFileRoutes,
  ...storageRoutes,
  ...taskRoutes,
  ...rrdRoutes,
  ...poolRoutes,
  ...accessRoutes,
  ...aclRoutes,
  ...configurationRoutes,
];
