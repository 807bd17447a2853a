import { existsIn, type Route } from './route.js';
import type { PveVersion } from './state.js';

interface Branch {
  readonly literals: Map<string, Branch>;
  readonly routes: Map<string, Route>;
  parameter: { readonly name: string; readonly branch: Branch } | undefined;
}

export interface RouteMatch {
  readonly route: Route;
  readonly inPath: ReadonlyMap<string, string>;
}

function newBranch(): Branch {
  return { literals: new Map(), routes: new Map(), parameter: undefined };
}

function childOf(branch: Branch, segment: string): Branch {
  const name = /^\{(.+)\}$/.exec(segment)?.[1];
  if (name !== undefined) {
    if (branch.parameter !== undefined && branch.parameter.name !== name) {
      throw new Error(`two names for one path segment: ${branch.parameter.name} and ${name}`);
    }
    branch.parameter ??= { name, branch: newBranch() };
    return branch.parameter.branch;
  }
  const child = branch.literals.get(segment) ?? newBranch();
  branch.literals.set(segment, child);
  return child;
}

/** Finds the route of a verb and path among those that a version has. */
export class Router {
  readonly #root = newBranch();

  constructor(routes: readonly Route[], version: PveVersion) {
    for (const route of routes) {
      if (existsIn(route, version)) this.#add(route);
    }
  }

  #add(route: Route): void {
    const [verb = '', path = ''] = route.route.split(' ');
    let branch = this.#root;
    for (const segment of path.split('/').filter((part) => part !== '')) branch = childOf(branch, segment);
    if (branch.routes.has(verb)) throw new Error(`declared twice: ${route.route}`);
    branch.routes.set(verb, route);
  }

  match(verb: string, segments: readonly string[]): RouteMatch | undefined {
    const inPath = new Map<string, string>();
    let branch = this.#root;
    for (const [at, segment] of segments.entries()) {
      const literal = branch.literals.get(segment);
      if (literal !== undefined) {
        branch = literal;
        continue;
      }
      if (branch.parameter === undefined) return undefined;
      const { name } = branch.parameter;
      branch = branch.parameter.branch;
      // volumes and networks may hold slashes: the real server lets them take the rest of the path
      const rest = name === 'volume' || name === 'cidr';
      inPath.set(name, rest ? segments.slice(at).join('/') : segment);
      if (rest) break;
    }
    const route = branch.routes.get(verb);
    return route === undefined ? undefined : { route, inPath };
  }
}
