import { createHash } from 'node:crypto';

const root = 'node_modules/';

/** The place in the lockfile of the package that a bundled file belongs to. */
const placeOf = (file) => {
  const at = file.lastIndexOf(root);
  if (at < 0) return undefined;
  const [scope, name] = file.slice(at + root.length).split('/');
  return file.slice(file.indexOf(root), at) + root + (scope.startsWith('@') ? `${scope}/${name}` : scope);
};

const nameOf = (place) => place.slice(place.lastIndexOf(root) + root.length);
const refOf = (place, { version }) => `${nameOf(place)}@${version}`;
const urlOf = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** Where Node would find a package from the place of another. */
function resolved(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf(`/${root}`)))) {
    const place = at === '' ? root + name : `${at}/${root}${name}`;
    if (place in packages) return place;
    if (at === '') return undefined;
  }
}

function component(place, locked, bundled) {
  const name = nameOf(place);
  const [algorithm, digest] = (locked.integrity ?? '').split('-');
  return {
    type: 'library',
    'bom-ref': refOf(place, locked),
    name,
    version: locked.version,
    scope: 'required',
    purl: urlOf(name, locked.version),
    ...(algorithm === 'sha512'
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
      : {}),
    ...(locked.license === undefined ? {} : { licenses: [{ expression: locked.license }] }),
    properties: [{ name: 'proxmox-mcp:bundled', value: String(bundled) }],
  };
}

/** From its content alone: what is built twice is the same. */
function serialOf(content) {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * What the package is made of, as CycloneDX 1.5: the packages whose code is in its files, and those that are installed
 * with it. npm's own `sbom` knows nothing of what is bundled, and names the folder that it ran in.
 * @param manifest package.json
 * @param lock package-lock.json
 * @param inputs the files that went into the bundles
 */
export function billOfMaterials(manifest, { packages }, inputs) {
  const bundled = new Set(inputs.map(placeOf).filter((place) => place !== undefined));
  const installed = Object.keys(packages).filter((place) => place !== '' && packages[place].dev !== true);
  const unknown = [...bundled].filter((place) => !(place in packages));
  if (unknown.length > 0) throw new Error(`bundled, and not in package-lock.json: ${unknown.join(', ')}`);
  const places = [...new Set([...bundled, ...installed])].sort();
  const needs = (from, names) =>
    names
      .map((name) => resolved(packages, from, name))
      .filter((place) => places.includes(place))
      .map((place) => refOf(place, packages[place]))
      .sort();
  const { name, version, description, license, dependencies, devDependencies } = manifest;
  const self = `${name}@${version}`;
  const content = {
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name,
        version,
        description,
        purl: urlOf(name, version),
        licenses: [{ expression: license }],
      },
    },
    components: places.map((place) => component(place, packages[place], bundled.has(place))),
    dependencies: [
      { ref: self, dependsOn: needs('', Object.keys({ ...dependencies, ...devDependencies })) },
      ...places.map((place) => ({
        ref: refOf(place, packages[place]),
        dependsOn: needs(
          place,
          Object.keys({ ...packages[place].dependencies, ...packages[place].optionalDependencies }),
        ),
      })),
    ],
  };
  return { bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: serialOf(content), version: 1, ...content };
}
