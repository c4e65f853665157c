import { Type } from "typebox";
import { EnableAuthParameters, MountData, TuneAuthParameters } from "../../api/index.ts";
import type { MountTuning } from "../../broker/auth.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendBoth, sendDone } from "../answer/envelope.ts";
import { badRequest, HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { authMounts } from "../gate/auth-mounts.ts";
import { WRITE } from "../gate/methods.ts";
import { leaseIn } from "../input/lease.ts";
import { pathOf } from "./mount.ts";

const TAG = "auth";
const ROOT = "/v1/sys/auth";
const ROOT_ONE = `${ROOT}/:mount`;
/** As `auth tune` and Terraform name it, who know it as a mount as well. */
const MOUNTED = "/v1/sys/mounts/auth/:mount";

/** `sys/auth` (developer.hashicorp.com/vault/api-docs/system/auth). */
export function mounts(app: VaultApp, deps: Deps): void {
  app.get(ROOT, {
    schema: describe({
      tag: TAG,
      summary: "List where methods of logging in are enabled",
      querystring: NoParameters,
      data: Type.Record(Type.String(), MountData),
    }),
    handler: async (_request, reply) => sendBoth(reply, await authMounts(deps)),
  });
  one(app, deps);
  tuning(app, deps);
}

function one(app: VaultApp, deps: Deps): void {
  const { auth } = deps;
  reading(app, deps, MOUNTED);
  // What people write ends with a slash.
  for (const url of [ROOT_ONE, `${ROOT_ONE}/`]) {
    reading(app, deps, url);
    app.route({
      method: WRITE,
      url,
      schema: describe({ tag: TAG, summary: "Enable a method", body: EnableAuthParameters, empty: true }),
      handler: async (request, reply) => {
        const { type, plugin_name, description, config } = request.body.value;
        await auth.enable(pathOf(request), type || plugin_name, {
          description,
          defaultTtl: leaseIn(config, "default_lease_ttl"),
          maxTtl: leaseIn(config, "max_lease_ttl"),
        });
        return sendDone(reply);
      },
    });
    disabling(app, deps, url);
  }
}

function reading(app: VaultApp, deps: Deps, url: string): void {
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "Read where a method is enabled",
      querystring: NoParameters,
      data: MountData,
    }),
    handler: async (request, reply) => sendBoth(reply, await mounted(deps, pathOf(request))),
  });
}

function disabling(app: VaultApp, { auth }: Deps, url: string): void {
  app.delete(url, {
    schema: describe({
      tag: TAG,
      summary: "Disable a method, and revoke its tokens",
      querystring: NoParameters,
      empty: true,
    }),
    handler: async (request, reply) => {
      const path = pathOf(request);
      if (path === "token") throw badRequest("token credential backend cannot be disabled");
      await auth.disable(path);
      return sendDone(reply);
    },
  });
}

function tuning(app: VaultApp, deps: Deps): void {
  for (const url of [ROOT_ONE, MOUNTED]) tuningAt(app, deps, `${url}/tune`);
}

function tuningAt(app: VaultApp, deps: Deps, url: string): void {
  app.get(url, {
    schema: describe({ tag: TAG, summary: "Read how a mount is tuned", querystring: NoParameters, data: MountData }),
    handler: async (request, reply) => {
      const { config, description } = await mounted(deps, pathOf(request));
      return sendBoth(reply, { ...config, description });
    },
  });
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Tune a mount", body: TuneAuthParameters, empty: true }),
    handler: async (request, reply) => {
      const path = pathOf(request);
      const mount = await deps.auth.mount(path);
      if (!mount) throw noMount(path);
      const { description, default_lease_ttl: defaultTtl, max_lease_ttl: maxTtl } = request.body.value;
      await deps.auth.tune(mount, given({ description, defaultTtl, maxTtl }));
      return sendDone(reply);
    },
  });
}

async function mounted(deps: Deps, path: string): Promise<MountData> {
  const { [`${path}/`]: found } = await authMounts(deps);
  if (!found) throw noMount(path);
  return found;
}

function noMount(path: string): HttpError {
  return new HttpError(400, [`No auth engine at ${path.slice(0, 256).toWellFormed()}/`]);
}

/** What was sent of it. */
function given(tuning: Readonly<Record<keyof MountTuning, unknown>> & MountTuning): MountTuning {
  return Object.fromEntries(Object.entries(tuning).filter(([, value]) => value !== undefined));
}
