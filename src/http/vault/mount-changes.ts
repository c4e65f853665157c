import { MigrationData, MountParameters, RemountData, RemountParameters } from "../../api/index.ts";
import type { MountChanges, MountSettings } from "../../broker/mounts.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { badRequest, notFound } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { leaseIn } from "../input/lease.ts";
import { textsByName } from "../input/texts-by-name.ts";

const TAG = "system";
const TUNE = "/tune";

/** `secrets enable`, `tune`, `disable` and `move`. */
export function mountChanges(app: VaultApp, deps: Deps): void {
  const url = "/v1/sys/mounts/*";
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: TAG,
      summary: "Enable a mount; with /tune at the end of its path, tune it",
      body: MountParameters,
      empty: true,
    }),
    handler: async (request, reply) => {
      const path = pathOf(request);
      const { value } = request.body;
      if (path.endsWith(TUNE)) await deps.mountChanges.tune(path.slice(0, -TUNE.length), tuningIn(value));
      else await enable(deps.mountChanges, path, value);
      return sendDone(reply);
    },
  });
  app.delete(url, {
    schema: describe({
      tag: TAG,
      summary: "Disable a mount, revoke its logins and remove what it keeps",
      querystring: NoParameters,
      empty: true,
    }),
    handler: async (request, reply) => {
      await deps.mountChanges.disable(pathOf(request));
      return sendDone(reply);
    },
  });
  remount(app, deps);
}

/** What was sent; what was not stays as it was. */
type Sent = Required<Pick<MountParameters, "type" | "plugin_name" | "config">> &
  Pick<MountParameters, "description" | "default_lease_ttl" | "max_lease_ttl">;

async function enable(changes: MountChanges, path: string, sent: Sent): Promise<void> {
  const type = sent.type || sent.plugin_name;
  if (type !== "oauthapp") throw badRequest(`plugin not found in the catalog: ${type.slice(0, 64).toWellFormed()}`);
  await changes.enable(path, {
    defaultTtl: leaseIn(sent.config, "default_lease_ttl"),
    maxTtl: leaseIn(sent.config, "max_lease_ttl"),
    ...tuningIn(sent),
  });
}

function tuningIn(sent: Partial<Sent>): MountSettings {
  const { description } = sent;
  const [defaultTtl, maxTtl] = [leaseSent(sent, "default_lease_ttl"), leaseSent(sent, "max_lease_ttl")];
  return {
    ...(description !== undefined && { description }),
    ...(defaultTtl !== undefined && { defaultTtl }),
    ...(maxTtl !== undefined && { maxTtl }),
  };
}

/** The command line sends an empty one for what is to stay as it is. */
function leaseSent(sent: Partial<Sent>, name: "default_lease_ttl" | "max_lease_ttl"): number | undefined {
  const { [name]: given = "" } = sent;
  if (given === "") return undefined;
  return given === "system" ? 0 : leaseIn(sent, name);
}

function remount(app: VaultApp, { mounts, mountChanges: changes }: Deps): void {
  const url = "/v1/sys/remount";
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: TAG,
      summary: "Move a mount, with all that it keeps",
      body: RemountParameters,
      data: RemountData,
    }),
    handler: async (request, reply) => {
      const [from, to] = [request.body.value.from, request.body.value.to].map(trimmed);
      if (!from || !to) throw badRequest("both from and to are needed: the path of a mount, and its new one");
      if ([from, to].some((path) => path.startsWith("auth/"))) {
        throw badRequest("methods of logging in cannot be moved: enable one at the other path");
      }
      return sendData(reply, { migration_id: await changes.move(from, to) });
    },
  });
  app.get(`${url}/status/:id`, {
    schema: describe({
      tag: TAG,
      summary: "Read what became of a move",
      querystring: NoParameters,
      data: MigrationData,
    }),
    handler: async (request, reply) => {
      const { id } = textsByName(request.params);
      await changes.look();
      const found = mounts.all().find(({ made }) => made?.moved?.id === id);
      if (!found?.made?.moved || id === undefined) throw notFound();
      const info = { source_mount: found.made.moved.from, target_mount: found.path, status: "success" };
      return sendData(reply, { migration_id: id, migration_info: info });
    },
  });
}

function pathOf({ params }: { readonly params: unknown }): string {
  return trimmed(textsByName(params)["*"] ?? "");
}

/** What people write begins or ends with a slash. */
function trimmed(path: string): string {
  return path.replace(/^\//, "").replace(/\/$/, "");
}
