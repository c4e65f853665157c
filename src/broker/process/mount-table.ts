import { mountInTheWay } from "../../mount-names.ts";
import type { Fields, Log } from "../../process/log.ts";
import type { Mount, MountList } from "../mounts.ts";
import { oneAfterAnother } from "./one-after-another.ts";

/** No mount of the configuration begins so. */
const PLACES = "sys/mounts/";

/** Where what belongs to a mount of the API is kept, so that nothing of a disabled one comes back with its path. */
export function placeOfMount(id: string): string {
  return PLACES + id;
}

/** Those that the API made, and those of them that were disabled and are not empty yet. */
interface StoredMounts {
  readonly made: readonly Mount[];
  readonly ended: readonly Mount[];
}

/** The mounts that there are now, in memory: asked by every request. */
export class MountTable implements MountList {
  readonly first: string;
  /** One that the API made where the configuration names one, or one around or below it: it is not found. */
  crossed: string | undefined;
  readonly #configured: readonly Mount[];
  #paths: readonly string[];
  #all: readonly Mount[];
  #byPath: ReadonlyMap<string, Mount>;
  #beforeChange: () => Promise<unknown> = async () => {};
  /** So that what was read last is what stays. */
  readonly #inTurn = oneAfterAnother();
  /** Of those that the API made; of disabled ones that are not empty yet as well. */
  #pathByPlace: ReadonlyMap<string, string> = new Map();

  constructor(configured: readonly string[]) {
    this.first = configured[0] ?? "";
    this.#configured = configured.map((path) => ({ place: path, path }));
    this.#paths = configured;
    this.#all = this.#configured;
    this.#byPath = byPath(this.#all);
  }

  /** What is done before a mount is found that was not known, or one is forgotten: nothing is sealed for it under another key than its own. */
  beforeChange(work: () => Promise<unknown>): void {
    this.#beforeChange = work;
  }

  all(): readonly Mount[] {
    return this.#all;
  }

  paths(): readonly string[] {
    return this.#paths;
  }

  at(path: string): Mount | undefined {
    return this.#byPath.get(path);
  }

  /** How people know a place: by the path of its mount. */
  pathOf(place: string): string {
    return this.#pathByPlace.get(place) ?? place;
  }

  /** What is stored may have changed; what the configuration names stays. */
  async renew(read: () => Promise<StoredMounts>): Promise<void> {
    await this.#inTurn(async () => {
      const next = await read();
      const places = [...next.made, ...next.ended].map(({ place }) => place);
      const isSame = places.length === this.#pathByPlace.size && places.every((place) => this.#pathByPlace.has(place));
      if (!isSame) await this.#beforeChange();
      this.#replace(next);
    });
  }

  #replace({ made, ended }: StoredMounts): void {
    const configured = this.#configured.map(({ path }) => path);
    const isCrossed = ({ path }: Mount) => mountInTheWay(configured, path) !== undefined;
    this.crossed = made.find(isCrossed)?.path;
    this.#all = [...this.#configured, ...made.filter((mount) => !isCrossed(mount))];
    this.#paths = this.#all.map(({ path }) => path);
    this.#byPath = byPath(this.#all);
    this.#pathByPlace = new Map([...ended, ...made].map(({ place, path }) => [place, path]));
  }
}

function byPath(mounts: readonly Mount[]): ReadonlyMap<string, Mount> {
  return new Map(mounts.map((mount) => [mount.path, mount]));
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
