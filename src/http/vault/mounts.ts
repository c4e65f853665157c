import { createHash } from "node:crypto";
import { Type } from "typebox";
import { MountData } from "../../api/index.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendBoth, sendData } from "../answer/envelope.ts";
import { denied, HttpError, noHandler } from "../answer/http-error.ts";
import { VAULT_VERSION } from "../answer/vault-version.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { JUDGED_THERE } from "../gate/door.ts";
import { requirePrincipal } from "../gate/guard.ts";
import { refuseOthers } from "../gate/methods.ts";
import { longestMount } from "../gate/mount-names.ts";

const TAG = "system";
const MOUNTS = Type.Record(Type.String(), MountData);
type Table = Readonly<Record<string, MountData>>;

/** Reads of mounts (vault-http.md section 4): the clients' preflight, `secrets list`, `auth list`. */
export function mounts(app: VaultApp, deps: Deps): void {
  const secret = Object.fromEntries(deps.mounts.map((mount) => [`${mount}/`, mountData(deps, mount, "oauthapp")]));
  const auth = { "token/": mountData(deps, "token", "token") };
  preflight(app, deps, secret, auth);
  table(app, "mounts", secret);
  table(app, "auth", auth);
}

/** Whoever has a rule for something below a mount sees it there. */
function preflight(app: VaultApp, deps: Deps, secret: Table, auth: Table): void {
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
      return sendData(reply, { secret: seen(secret), auth: acl.seesBelow("auth/token/") ? auth : {} });
    },
  });
  refuseOthers(app, url, ["GET"]);
  app.get(`${url}/*`, {
    ...JUDGED_THERE,
    schema: describe({ tag: TAG, summary: "Read the mount of a path", querystring: NoParameters, data: MountData }),
    handler: async (request, reply) => {
      const { "*": path = "" } = request.params as { readonly "*"?: string };
      const found = longestMount(Object.keys(secret), path);
      const data = found === undefined ? undefined : secret[found];
      if (!data || found === undefined) throw noHandler(path);
      if (!(await requirePrincipal(request, deps)).acl.seesBelow(found)) throw denied();
      return sendData(reply, { path: found, ...data });
    },
  });
  refuseOthers(app, `${url}/*`, ["GET"]);
}

function table(app: VaultApp, noun: "mounts" | "auth", entries: Table): void {
  const url = `/v1/sys/${noun}`;
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "List all mounts",
      querystring: NoParameters,
      data: MOUNTS,
    }),
    handler: async (_request, reply) => sendBoth(reply, entries),
  });
  refuseOthers(app, url, ["GET"]);
  app.get(`${url}/*`, {
    schema: describe({
      tag: TAG,
      summary: "Read one mount, or its tuning",
      querystring: NoParameters,
      data: MountData,
    }),
    handler: async (request, reply) => {
      const { "*": tail = "" } = request.params as { readonly "*"?: string };
      const path = tail.replace(/\/$/, "");
      const one = entries[`${path}/`];
      if (one) return sendBoth(reply, one);
      const tuned = path.endsWith("/tune") ? entries[path.replace(/tune$/, "")] : undefined;
      if (!tuned) throw new HttpError(400, [`No secret engine mount at ${path.slice(0, 256)}/`]);
      return sendBoth(reply, { ...tuned.config, description: "" });
    },
  });
  refuseOthers(app, `${url}/*`, ["GET"]);
}

function mountData({ clusterId, publicUrl, loopbackUrl }: Deps, mount: string, type: string): MountData {
  const callback = loopbackUrl ?? (publicUrl === undefined ? undefined : `${publicUrl}/v1/${mount}/callback`);
  const hash = createHash("sha256").update(`${clusterId}\n${type}\n${mount}`).digest("hex");
  return {
    type,
    description: "",
    accessor: `${type === "token" ? "auth_token" : type}_${hash.slice(0, 8)}`,
    local: false,
    seal_wrap: false,
    external_entropy_access: false,
    options: type === "oauthapp" && callback !== undefined ? { callback_url: callback } : null,
    plugin_version: "",
    running_plugin_version: `v${VAULT_VERSION}+builtin.coatcheck`,
    running_sha256: "",
    uuid: hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    config: { default_lease_ttl: 0, max_lease_ttl: 0, force_no_cache: false },
  };
}
