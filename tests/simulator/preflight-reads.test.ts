import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { call } from './guest-calls.js';
import { row, rows } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let recovery: SimulatedCluster;

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  recovery = simulator.cluster('disaster-recovery');
});

afterEach(() => simulator.close());

function shownFingerprint(cluster: SimulatedCluster): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: cluster.port, rejectUnauthorized: false };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function toldFingerprint(cluster: SimulatedCluster): Promise<unknown> {
  const certificates = rows(await call(cluster, 'GET /nodes/localhost/certificates/info'));
  return certificates.find(({ filename }) => filename === 'pve-ssl.pem')?.fingerprint;
}

describe('what is looked at before a migration', () => {
  test('the fingerprint is that of the certificate that is shown, after a renewal too', async () => {
    const first = await shownFingerprint(recovery);
    expect(first).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(await toldFingerprint(recovery)).toBe(first);
    const { caPem } = recovery;
    recovery.setFault({ kind: 'certificate' });
    const second = await shownFingerprint(recovery);
    expect(second).not.toBe(first);
    expect(caPem).toBe(recovery.caPem);
    expect(recovery.fingerprint).toBe(first);
  });

  test('one node of the status is the one that answered', async () => {
    const status = rows(await call(recovery, 'GET /cluster/status')).filter(({ local }) => local === 1);
    expect(status).toMatchObject([{ type: 'node', name: 'pve-dr1', ip: '10.90.0.11' }]);
  });

  test('CPU models and machines', async () => {
    const { cpuModels } = recovery.state.configuration;
    cpuModels.push({ id: 'fast', settings: { 'reported-model': 'EPYC', flags: '+aes' } });
    const models = rows(await call(recovery, 'GET /nodes/pve-dr1/capabilities/qemu/cpu'));
    expect(models).toContainEqual({ name: 'host', custom: 0, vendor: 'default' });
    expect(models).toContainEqual({ name: 'custom-fast', custom: 1, vendor: 'AuthenticAMD' });
    expect(rows(await call(recovery, 'GET /cluster/qemu/custom-cpu-models'))).toEqual([
      { cputype: 'fast', 'reported-model': 'EPYC', flags: '+aes' },
    ]);
    const path = 'GET /cluster/qemu/custom-cpu-models/custom-fast';
    expect(row(await call(recovery, path))).toMatchObject({ cputype: 'fast', flags: '+aes' });
    const machines = async (cluster: SimulatedCluster, node: string) =>
      rows(await call(cluster, `GET /nodes/${node}/capabilities/qemu/machines`)).map(({ id }) => id);
    expect(await machines(recovery, 'pve-dr1')).toContain('pc-q35-10.1');
    const staging = simulator.cluster('staging');
    expect(await machines(staging, 'pve-stg1')).not.toContain('pc-q35-10.1');
    expect((await call(staging, 'GET /cluster/qemu/custom-cpu-models')).status).toBe(501);
  });

  test('a token lives until it expires or is taken away', async () => {
    const path = '/access/users/mcp@pve/token/hop';
    const expire = Math.floor(clock.now() / 1000) + 3600;
    const made = row(await call(recovery, `POST ${path}`, { expire, privsep: 0 }));
    const token = `mcp@pve!hop=${made.value}`;
    expect((await call(recovery, 'GET /cluster/status', {}, token)).status).toBe(200);
    clock.advance(3601);
    expect((await call(recovery, 'GET /version', {}, token)).status).toBe(401);
    await call(recovery, `PUT ${path}`, { expire: 0 });
    expect((await call(recovery, 'GET /version', {}, token)).status).toBe(200);
    expect((await call(recovery, `DELETE ${path}`)).status).toBe(200);
    expect((await call(recovery, 'GET /version', {}, token)).status).toBe(401);
  });
});
