/** What the published package says of itself: made from package.json and package-lock.json of the clone. */

export interface Manifest extends Record<string, unknown> {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

interface Locked extends Record<string, unknown> {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, Locked>>;
}

/**
 * The manifest as it is published. The command has its packages inside; only the libraries import theirs, so only those of
 * `imported` are left: as ranges, so that a program that has one of them already shares it.
 */
export function publishedManifest(all: Manifest, imported: readonly string[]): Manifest {
  const { devDependencies, optionalDependencies, scripts, allowScripts, private: _private, ...kept } = all;
  void [devDependencies, optionalDependencies, scripts, allowScripts];
  const isNeeded = (name: string) => imported.some((path) => path === name || path.startsWith(`${name}/`));
  const needed = Object.entries(all.dependencies).filter(([name]) => isNeeded(name));
  return {
    ...kept,
    // With the statement of where it was built; only a CI that can sign one can publish.
    publishConfig: { access: "public", provenance: true },
    dependencies: Object.fromEntries(needed.map(([name, version]) => [name, `^${version}`])),
  };
}

/** npm-shrinkwrap.json: the very versions that were tested, for those who install by npm. */
export function shrinkwrapOf(manifest: Manifest, lock: Lock) {
  const { name, version, license, bin, engines, dependencies } = manifest;
  const root = { name, version, license, dependencies, bin, engines };
  const packages: Record<string, unknown> = { "": root };
  const pending = Object.keys(dependencies).map((wanted) => placeOf(lock, "", wanted));
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (path in packages) continue;
    const { dev, devOptional, ...locked } = lock.packages[path] as Locked;
    void [dev, devOptional];
    packages[path] = locked;
    for (const wanted of Object.keys(locked.dependencies ?? {})) pending.push(placeOf(lock, path, wanted));
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { name, version, lockfileVersion: lock.lockfileVersion, requires: true, packages: sorted };
}

/** Where Node finds a package from another one: in its own folder, else in those above. */
function placeOf({ packages }: Lock, from: string, name: string): string {
  for (let at = from; ; at = at.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, "")) {
    const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (at === "") throw new Error(`package-lock.json has no ${name} (for ${from || "the package"}): run npm install`);
  }
}
