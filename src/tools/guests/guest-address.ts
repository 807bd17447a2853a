import { z } from 'zod';
import { InvalidInput } from '../invalid-input.js';

export const netIp = z
  .string()
  .refine(
    (ip) => /^(dhcp|auto|manual|[0-9A-Fa-f.:]+\/\d{1,3})$/.test(ip),
    'dhcp, or an address with its prefix: 10.0.0.5/24',
  )
  .optional();

export const gateway = z
  .string()
  .refine((ip) => /^[0-9A-Fa-f.:]+$/.test(ip), 'an IP address')
  .optional();

/** `ip=10.0.0.5/24,gw=10.0.0.1`, as a container's card and cloud-init take it. */
export function addressLine(ip: string, gw: string | undefined): string {
  if (gw !== undefined && !ip.includes('/'))
    throw new InvalidInput({ argument: 'gateway', message: 'goes with a fixed net_ip only' });
  const family = ip.includes(':') || ip === 'auto' ? '6' : '';
  return `ip${family}=${ip}${gw === undefined ? '' : `,gw${family}=${gw}`}`;
}
