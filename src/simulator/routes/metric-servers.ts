import { sectionHandlers } from '../sections.js';
import type { Handler } from './declaration.js';

const { list, create, read, update, remove } = sectionHandlers({
  key: 'id',
  of: ({ cluster }) => cluster.state.configuration.metricServers,
  missing: (id) => `status server entry '${id}' does not exist`,
  existing: (id) => `Metric server '${id}' already exists`,
  secret: ['token'],
});

const one = '/cluster/metrics/server/{id}';

export const metricServerHandlers: Readonly<Record<string, Handler>> = {
  'GET /cluster/metrics/server': list,
  [`GET ${one}`]: read,
  [`POST ${one}`]: create,
  [`PUT ${one}`]: update,
  [`DELETE ${one}`]: remove,
};
