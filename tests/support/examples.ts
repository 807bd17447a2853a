import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { catalogue } from '../../src/tools/catalogue.js';
import type { Tool } from '../../src/tools/define.js';
import type { Example } from '../notary/example.js';

const folder = resolve(import.meta.dirname, '../notary');
const tools: readonly Tool[] = catalogue;

/** The files of examples: each is a story of its own, in which one call may need what those before it made. */
export const areas = readdirSync(folder).filter((file) => file !== 'example.ts');
export const writingAreas = areas.filter((file) => file !== 'reads.ts');

export const effectOf = (name: string) => tools.find((tool) => tool.name === name)?.effect ?? 'read';

export interface Area {
  readonly calls: readonly Example[];
  readonly prepare?: (simulator: Simulator) => void;
}

export async function loadArea(area: string): Promise<Area> {
  const { default: calls, prepare } = await import(resolve(folder, area));
  return { calls, prepare };
}

/** A fresh simulator for the examples of an area, so many times as fast. */
export async function beginArea({ prepare }: Area, speed: number): Promise<Simulator> {
  const began = Date.now();
  const simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * speed } });
  prepare?.(simulator);
  return simulator;
}

/** The calls of an area with their arguments, as these follow from the answer that was given to the one before. */
export async function* callsOf({ calls }: Area, last: () => Record<string, any> | undefined) {
  for (const [tool, given] of calls) {
    // What follows from an answer that was refused cannot be asked.
    if (typeof given === 'function' && (last() === undefined || last()?.items?.length === 0)) continue;
    yield [tool, typeof given === 'function' ? given(last()) : { ...given }] as const;
  }
}

/** Remembers all of a simulator's state; the function puts it back, in the same objects. */
export function remember(simulator: Simulator): () => void {
  const kept = new Map<object, object>();
  const keep = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || kept.has(value)) return;
    kept.set(value, Array.isArray(value) ? [...value] : { ...value });
    for (const inner of Object.values(value)) keep(inner);
  };
  for (const { state } of simulator.clusters) keep(state);
  return () => {
    for (const [object, before] of kept) {
      if (Array.isArray(object) && Array.isArray(before)) object.splice(0, object.length, ...before);
      else {
        for (const key of Object.keys(object)) if (!(key in before)) Reflect.deleteProperty(object, key);
        Object.assign(object, before);
      }
    }
  };
}
