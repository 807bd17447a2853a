import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { catalogue } from '../../src/tools/catalogue.js';
import type { Effect, Tool } from '../../src/tools/define.js';
import { asCalled } from '../../src/tools/destroys.js';
import type { Example } from '../notary/example.js';

const folder = resolve(import.meta.dirname, '../notary');
const tools: readonly Tool[] = catalogue;

/** The files of examples: each is a story of its own, in which one call may need what those before it made. */
export const areas = readdirSync(folder).filter((file) => file !== 'example.ts');
export const writingAreas = areas.filter((file) => file !== 'reads.ts');

/** What a call of the tool counts as, with these arguments. */
export function effectOf(name: string, args: Record<string, unknown> = {}): Effect {
  const tool = tools.find((one) => one.name === name);
  return tool === undefined ? 'read' : asCalled(tool, args).effect;
}

export interface Area {
  readonly calls: readonly Example[];
  readonly prepare?: (simulator: Simulator) => void;
  /** What the server is configured with beside its clusters. */
  readonly env?: Record<string, string>;
}

export async function loadArea(area: string): Promise<Area> {
  const { default: calls, prepare, env } = await import(resolve(folder, area));
  return { calls, prepare, env };
}

export interface Begun {
  readonly simulator: Simulator;
  readonly env: Record<string, string>;
  /** Lets so many minutes pass, ten if not said: what goes on by itself has come to its end. */
  settle(minutes?: number): void;
}

/** A fresh simulator for the examples of an area, so many times as fast. */
export async function beginArea({ prepare, env }: Area, speed: number): Promise<Begun> {
  const began = Date.now();
  let skipped = 0;
  const clock = { now: () => began + skipped + (Date.now() - began) * speed };
  const simulator = await startSimulator({ clock });
  prepare?.(simulator);
  return {
    simulator,
    env: { ...simulator.env(), ...env },
    settle: (minutes = 10) => {
      skipped += minutes * 60_000;
      for (const cluster of simulator.clusters) void cluster.state;
    },
  };
}

export interface Asked {
  readonly tool: string;
  readonly args: Record<string, unknown>;
  /** Whether it was made from the answer to the call before. */
  readonly follows: boolean;
}

/** The calls of an area, each with what its arguments follow from: the answer that was given to the one before. */
export function* callsOf({ calls }: Area, last: () => Record<string, any> | undefined): Generator<Asked> {
  for (const [tool, given] of calls) {
    const follows = typeof given === 'function';
    // What follows from an answer that was refused cannot be asked.
    if (follows && (last() === undefined || last()?.items?.length === 0)) continue;
    yield { tool, args: follows ? given(last()) : { ...given }, follows };
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
