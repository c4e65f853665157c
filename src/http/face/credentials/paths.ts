import type { FastifyRequest } from "fastify";
import { longestMount } from "../../../mount-names.ts";
import { notFound } from "../../answer/http-error.ts";
import { textsByName } from "../../input/texts-by-name.ts";
import { inPath } from "../api.ts";
import type { Visit } from "../visit.ts";

/** Where a credential is, in the API and here: both have the mount and the name. */
export interface Place {
  readonly mount: string;
  readonly name: string;
}

/** Of its screen. */
export function credentialPath(mount: string, name: string): string {
  return `/ui/credentials/${inPath(`${mount}/${name}`)}`;
}

/** Of the API. */
export function apiPath({ mount, name }: Place): string {
  return `${mount}/creds/${inPath(name)}`;
}

/** The mount that a form or an address names, the first where it names none; 404 for one that the token is told nothing of (ST-177). */
export function mountIn({ mount }: Visit["form"], { mounts }: Pick<Visit, "mounts">): string {
  const found = mounts.find((one) => mount === undefined || one === mount);
  if (found === undefined) throw notFound();
  return found;
}

/** The credential that a screen's address names; 404 where it names no mount. */
export function placeIn({ params }: FastifyRequest, { mounts }: Pick<Visit, "mounts">): Place {
  const { "*": path = "" } = textsByName(params);
  const mount = longestMount(
    mounts.map((one) => `${one}/`),
    path,
  );
  if (mount === undefined || path.length <= mount.length) throw notFound();
  return { mount: mount.slice(0, -1), name: path.slice(mount.length) };
}
