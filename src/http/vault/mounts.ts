import { Type } from "typebox";
import { MountData } from "../../api/index.ts";
import { longestMount } from "../../mount-names.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendBoth, sendData } from "../answer/envelope.ts";
import { badRequest, denied, HttpError, noHandler } from "../answer/http-error.ts";
import { mountData } from "../answer/mount-data.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { authMounts, namesOf } from "../gate/auth-mounts.ts";
import { JUDGED_THERE } from "../gate/door.ts";
import { requirePrincipal } from "../gate/guard.ts";
import { WRITE } from "../gate/methods.ts";
import { textsByName } from "../input/texts-by-name.ts";

const TAG = "system";
const MOUNTS = Type.Record(Type.String(), MountData);
type Table = Readonly<Record<string, MountData>>;

/** Reads of mounts (vault-http.md section 4): the clients' preflight, `secrets list`, `auth list`. */
export function mounts(app: VaultApp, deps: Deps): void {
  const secret = Object.fromEntries(deps.mounts.map((mount) => [`${mount}/`, engine(deps, mount)]));
  preflight(app, deps, secret);
  table(app, secret);
}

/** Whoever has a rule for something below a mount sees it there. */
function preflight(app: VaultApp, deps: Deps, secret: Table): void {
  const url = "/v1/sys/internal/ui/mounts";
  app.get(url, {
    ...JUDGED_THERE,
    schema: describe({
      tag: TAG,
      summary: "List the mounts that the caller can see",
      querystring: NoParameters,
      data: Type.Object({ secret: MOUNTS, auth: MOUNTS }),
    }),
    handler: async (request, reply) => {
      const { acl } = await requirePrincipal(request, deps);
      const seen = (table: Table) => Object.fromEntries(Object.entries(table).filter(([path]) => acl.seesBelow(path)));
      const auth = Object.entries(await authMounts(deps)).filter(([path]) => acl.seesBelow(`auth/${path}`));
      return sendData(reply, { secret: seen(secret), auth: Object.fromEntries(auth) });
    },
  });
  app.get(`${url}/*`, {
    ...JUDGED_THERE,
    schema: describe({ tag: TAG, summary: "Read the mount of a path", querystring: NoParameters, data: MountData }),
    handler: async (request, reply) => {
      const { "*": path = "" } = textsByName(request.params);
      const found = longestMount(Object.keys(secret), path);
      const data = found === undefined ? undefined : secret[found];
      const { acl } = await requirePrincipal(request, deps);
      // As Vault does: whoever may not see what there is must not find it out by asking for one after the other.
      if ((found === undefined || !acl.seesBelow(found)) && !acl.reaches("read", "sys/mounts")) throw denied();
      if (!data || found === undefined) throw noHandler(path);
      return sendData(reply, { path: found, ...data });
    },
  });
}

function table(app: VaultApp, entries: Table): void {
  const url = "/v1/sys/mounts";
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "List all mounts",
      querystring: NoParameters,
      data: MOUNTS,
    }),
    handler: async (_request, reply) => sendBoth(reply, entries),
  });
  app.get(`${url}/*`, {
    schema: describe({
      tag: TAG,
      summary: "Read one mount, or its tuning",
      querystring: NoParameters,
      data: MountData,
    }),
    handler: async (request, reply) => {
      const { "*": tail = "" } = textsByName(request.params);
      const path = tail.replace(/\/$/, "");
      const one = entries[`${path}/`];
      if (one) return sendBoth(reply, one);
      const tuned = path.endsWith("/tune") ? entries[path.replace(/tune$/, "")] : undefined;
      if (!tuned) throw new HttpError(400, [`No secret engine mount at ${path.slice(0, 256)}/`]);
      return sendBoth(reply, { ...tuned.config, description: "" });
    },
  });
  changes(app, `${url}/*`, entries);
}

/** `secrets enable` and `disable`: the list of mounts is the operator's, as what listens where is. */
function changes(app: VaultApp, url: string, entries: Table): void {
  app.route({
    method: [...WRITE, "DELETE"],
    url,
    schema: { hide: true },
    onRequest: async ({ method, params }) => {
      const { "*": tail = "" } = textsByName(params);
      const path = `${tail.replace(/\/$/, "")}/`;
      if (method !== "DELETE" && entries[path]) throw badRequest(`path is already in use at ${path}`);
      throw badRequest(
        "mounts are named where the broker is started: serve --mounts, or mounts in its configuration file",
      );
    },
    handler: async () => {},
  });
}

function engine(deps: Deps, mount: string): MountData {
  const { publicUrl, loopbackUrl } = deps;
  const callback = loopbackUrl ?? (publicUrl === undefined ? undefined : `${publicUrl}/v1/${mount}/callback`);
  const options = callback === undefined ? null : { callback_url: callback };
  return mountData({ type: "oauthapp", options, ...namesOf(deps, "oauthapp", mount) });
}
