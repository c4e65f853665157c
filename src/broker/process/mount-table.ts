import type { Fields, Log } from "../../process/log.ts";
import type { Mount, MountList } from "../mounts.ts";

/** No mount of the configuration begins so. */
const PLACES = "sys/mounts/";

/** Where what belongs to a mount of the API is kept, so that nothing of a disabled one comes back with its path. */
export function placeOfMount(id: string): string {
  return PLACES + id;
}

/** The mounts that there are now, in memory: asked by every request. */
export class MountTable implements MountList {
  readonly #configured: readonly Mount[];
  #all: readonly Mount[];
  #byPath: ReadonlyMap<string, Mount>;
  /** Of those that the API made; of disabled ones that are not empty yet as well. */
  #pathByPlace: ReadonlyMap<string, string> = new Map();

  constructor(configured: readonly string[]) {
    this.#configured = configured.map((path) => ({ place: path, path }));
    this.#all = this.#configured;
    this.#byPath = byPath(this.#all);
  }

  all(): readonly Mount[] {
    return this.#all;
  }

  at(path: string): Mount | undefined {
    return this.#byPath.get(path);
  }

  /** How people know a place: by the path of its mount. */
  pathOf(place: string): string {
    return this.#pathByPlace.get(place) ?? place;
  }

  /** What is stored has changed; what the configuration names stays. `ended`: mounts that were disabled. */
  replace(made: readonly Mount[], ended: readonly Mount[]): void {
    const names = new Set(this.#configured.map(({ path }) => path));
    this.#all = [...this.#configured, ...made.filter(({ path }) => !names.has(path))];
    this.#byPath = byPath(this.#all);
    this.#pathByPlace = new Map([...ended, ...made].map(({ place, path }) => [place, path]));
  }
}

function byPath(mounts: readonly Mount[]): ReadonlyMap<string, Mount> {
  return new Map(mounts.map((mount) => [mount.path, mount]));
}

/** Where browsers come back to a mount, at a broker whose address is `publicUrl`. */
export function callbackOf(publicUrl: string, { mounts }: { readonly mounts: MountTable }, place: string): string {
  return `${publicUrl}/v1/${mounts.pathOf(place)}/callback`;
}

/** A log that calls mounts as people do. */
export function namingMounts({ info, warn, error }: Log, mounts: MountTable): Log {
  const named = (fields: Fields | undefined): Fields | undefined => {
    const place = fields?.mount;
    return typeof place === "string" && place.startsWith(PLACES) ? { ...fields, mount: mounts.pathOf(place) } : fields;
  };
  return {
    info: (event, fields) => info(event, named(fields)),
    warn: (event, fields) => warn(event, named(fields)),
    error: (event, fields) => error(event, named(fields)),
  };
}
