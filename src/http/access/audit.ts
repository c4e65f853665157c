import {
  AuditDevicesData,
  AuditHashData,
  AuditHashParameters,
  AuditParameters,
  AuditSearchData,
  AuditSearchParameters,
  ListParameters,
} from "../../api/index.ts";
import type { AuditDevices } from "../../broker/access.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendBoth, sendData, sendDone } from "../answer/envelope.ts";
import { badRequest, unsupportedPath } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { nameOf } from "../input/names.ts";
import { textsByName } from "../input/texts-by-name.ts";

const TAG = "access";
const URL = "/v1/sys/audit";

/** `sys/audit`, for `sudo` alone, and `sys/audit-hash` (vault-http.md section 9). */
export function audit(app: VaultApp, { access }: Deps): void {
  list(app, access.audit);
  changes(app, access.audit);
  hashes(app, access.audit);
  searches(app, access.audit);
}

function list(app: VaultApp, devices: AuditDevices): void {
  app.get(URL, {
    schema: describe({
      tag: TAG,
      summary: "List the audit devices",
      querystring: ListParameters,
      data: AuditDevicesData,
    }),
    handler: async (_request, reply) => {
      const all = await devices.list();
      // Beside the options: Terraform would take another one there for a change of its own.
      const data = all.map(
        ({ name, signingKey: signing_key, ...device }) =>
          [`${name}/`, { path: `${name}/`, ...device, ...(signing_key && { signing_key }) }] as const,
      );
      return sendBoth(reply, Object.fromEntries(data));
    },
  });
}

function changes(app: VaultApp, devices: AuditDevices): void {
  app.route({
    method: WRITE,
    url: `${URL}/*`,
    schema: describe({ tag: TAG, summary: "Enable an audit device", body: AuditParameters, empty: true }),
    handler: async (request, reply) => {
      const { type, description, local, options, replace: replaces } = request.body.value;
      if (type !== "file" && type !== "socket") {
        throw badRequest(`audit devices of the type "${type}" are not offered: give file or socket`);
      }
      await devices.enable(deviceIn(request), { type, description, local, options }, { replaces });
      return sendDone(reply);
    },
  });
  app.delete(`${URL}/*`, {
    schema: describe({ tag: TAG, summary: "Disable an audit device", querystring: NoParameters, empty: true }),
    handler: async (request, reply) => {
      await devices.disable(deviceIn(request));
      return sendDone(reply);
    },
  });
}

function hashes(app: VaultApp, devices: AuditDevices): void {
  app.route({
    method: WRITE,
    url: "/v1/sys/audit-hash/*",
    schema: describe({
      tag: TAG,
      summary: "How the lines of an audit device have a value",
      body: AuditHashParameters,
      data: AuditHashData,
    }),
    handler: async (request, reply) =>
      sendBoth(reply, { hash: await devices.hash(deviceIn(request), request.body.value.input) }),
  });
}

const LARGEST_PAGE = 200;

function searches(app: VaultApp, devices: AuditDevices): void {
  app.route({
    method: WRITE,
    url: "/v1/sys/audit-search/*",
    schema: describe({
      tag: TAG,
      summary: "Look for lines in the file of an audit device, the latest first",
      body: AuditSearchParameters,
      data: AuditSearchData,
    }),
    handler: async (request, reply) => {
      const { text, before, limit } = request.body.value;
      if (limit < 1 || limit > LARGEST_PAGE || before < 0)
        throw badRequest(`limit must be between 1 and ${LARGEST_PAGE}, and before no less than 0`);
      const query = { text, before: before === 0 ? undefined : before, limit };
      const { lines, next } = await devices.search(deviceIn(request), query);
      return sendData(reply, { lines: [...lines], ...(next !== undefined && { next }) });
    },
  });
}

/** Clients write it with a slash at its end, or without. */
function deviceIn({ params }: { readonly params: unknown }): string {
  const { "*": given = "" } = textsByName(params);
  const name = nameOf({ params: { "*": given.replace(/\/$/, "") } });
  if (!/^\w[\w-]*$/.test(name)) throw unsupportedPath();
  return name;
}
