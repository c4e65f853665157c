import { Type } from "typebox";
import { MountData } from "../../api/index.ts";
import type { Mount } from "../../broker/mounts.ts";
import { longestMount } from "../../mount-names.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendBoth, sendData } from "../answer/envelope.ts";
import { denied, HttpError, noHandler } from "../answer/http-error.ts";
import { mountData } from "../answer/mount-data.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { authMounts, namesOf } from "../gate/auth-mounts.ts";
import { JUDGED_THERE } from "../gate/door.ts";
import { requirePrincipal } from "../gate/guard.ts";
import { textsByName } from "../input/texts-by-name.ts";

const TAG = "system";
const MOUNTS = Type.Record(Type.String(), MountData);
type Table = Readonly<Record<string, MountData>>;

/** Reads of mounts (vault-http.md section 4): the clients' preflight, `secrets list`, `auth list`. */
export function mounts(app: VaultApp, deps: Deps): void {
  preflight(app, deps);
  table(app, deps);
}

function tableOf(deps: Deps): Table {
  return Object.fromEntries(deps.mounts.all().map((mount) => [`${mount.path}/`, engine(deps, mount)]));
}

/** Whoever has a rule for something below a mount sees it there. */
function preflight(app: VaultApp, deps: Deps): void {
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
      return sendData(reply, { secret: seen(tableOf(deps)), auth: Object.fromEntries(auth) });
    },
  });
  app.get(`${url}/*`, {
    ...JUDGED_THERE,
    schema: describe({ tag: TAG, summary: "Read the mount of a path", querystring: NoParameters, data: MountData }),
    handler: async (request, reply) => {
      const { "*": path = "" } = textsByName(request.params);
      const secret = tableOf(deps);
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

function table(app: VaultApp, deps: Deps): void {
  const { mountChanges } = deps;
  const url = "/v1/sys/mounts";
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "List all mounts",
      querystring: NoParameters,
      data: MOUNTS,
    }),
    handler: async (_request, reply) => {
      await mountChanges.look();
      return sendBoth(reply, tableOf(deps));
    },
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
      await mountChanges.look();
      const entries = tableOf(deps);
      const one = entries[`${path}/`];
      if (one) return sendBoth(reply, one);
      const tuned = path.endsWith("/tune") ? entries[path.replace(/tune$/, "")] : undefined;
      if (!tuned) throw new HttpError(400, [`No secret engine mount at ${path.slice(0, 256)}/`]);
      return sendBoth(reply, { ...tuned.config, description: tuned.description });
    },
  });
}

function engine(deps: Deps, { path, made }: Mount): MountData {
  const { publicUrl, loopbackUrl } = deps;
  const callback = loopbackUrl ?? (publicUrl === undefined ? undefined : `${publicUrl}/v1/${path}/callback`);
  const options = callback === undefined ? null : { callback_url: callback };
  return mountData({ type: "oauthapp", options, ...(made ?? namesOf(deps, "oauthapp", path)) });
}
