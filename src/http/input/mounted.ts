import type { ConstraintStrategy, Handler, HTTPVersion } from "find-my-way";
import type { Mount, MountList } from "../../broker/mounts.ts";
import { originForm } from "./query.ts";

/** Mounts come and go, and routes do not: all mounts have the same, with a name where the mount's path is. */
export const MOUNT = ":mount";

/** Of such a route: it is one only for what is a mount now. */
const CONSTRAINT = "mount";
export const OF_MOUNT = { [CONSTRAINT]: "there" };

/** Of an application that has no routes of mounts. */
export const NO_MOUNTS: MountList = { first: "", all: () => [], paths: () => [], at: () => undefined };

export function isOfMount(pattern: string): boolean {
  return pattern.startsWith(`/v1/${MOUNT}/`);
}

/** By which a router knows those routes from others. */
export function constraintsOf(mounts: MountList): Record<string, ConstraintStrategy<HTTPVersion.V1>> {
  return {
    [CONSTRAINT]: {
      name: CONSTRAINT,
      storage: () => {
        const handlers = new Map<string, Handler<HTTPVersion.V1>>();
        return { get: (key) => handlers.get(key) ?? null, set: (key, handler) => void handlers.set(key, handler) };
      },
      deriveConstraint: ({ url = "" }) => (isBelowMount(mounts, url) ? OF_MOUNT[CONSTRAINT] : ""),
    },
  };
}

/** Whether a target, as `oneSegment` leaves it, lies below a mount. */
export function isBelowMount(mounts: MountList, url: string): boolean {
  const [, segment] = /^\/v1\/([^/?#]+)\//.exec(originForm(url)) ?? [];
  const path = segment === undefined ? undefined : decoded(segment);
  return path !== undefined && mounts.at(path) !== undefined;
}

/**
 * Rewrites a target below a mount of several segments, so that the router sees one: the slashes between them are encoded. Where a
 * client has sent one so, it is no slash between segments (1.1: paths are decoded once).
 */
export function oneSegment(mounts: MountList): (request: { readonly url?: string | undefined }) => string {
  let known: readonly Mount[] = [];
  let patterns: readonly RegExp[] = [];
  return ({ url = "" }) => {
    if (mounts.all() !== known) {
      known = mounts.all();
      const lengths = new Set(known.map(({ path }) => path.split("/").length));
      patterns = [...lengths].filter((length) => length > 1).map(headOf);
    }
    if (ENCODED_SLASH.test(url)) return url.replace(ENCODED_SLASH, "$1%25$2");
    for (const pattern of patterns) {
      const [, head = "", tail = ""] = pattern.exec(originForm(url)) ?? [];
      const path = head === "" ? undefined : decoded(head);
      if (path !== undefined && mounts.at(path)) return `/v1/${encodeURIComponent(path)}${tail}`;
    }
    return url;
  };
}

const ENCODED_SLASH = /^((?:https?:\/\/[^/?#]*)?\/v1\/[^/?#%]*)%(2f)/i;

/** Of a target: so many segments below `/v1/`, and the rest. */
function headOf(length: number): RegExp {
  return new RegExp(`^/v1/([^/?#]+(?:/[^/?#]+){${length - 1}})([/?#].*)?$`, "s");
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
