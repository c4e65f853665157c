import { authorizationCodeUrl } from "./authorization-code-url.ts";
import type { Broker } from "./broker.ts";
import type { Context } from "./context.ts";
import { deleteCredential } from "./delete-credential.ts";
import { exchangeToken } from "./exchange-token.ts";
import { listCredentials } from "./list-credentials.ts";
import { requireOwner } from "./owner.ts";
import { forget, retryCredential } from "./quarantine.ts";
import { readCredential } from "./read-credential.ts";
import { readHistory } from "./read-history.ts";
import { receiveCallback } from "./receive-callback.ts";
import { openCredential } from "./records.ts";
import { openSelf, readSelf, writeSelf } from "./self.ts";
import { deleteServer, listServers, readServer } from "./servers.ts";
import { readConfig } from "./settings.ts";
import { deleteConfig, writeConfig } from "./write-config.ts";
import { writeCredential } from "./write-credential.ts";
import { writeServer } from "./write-server.ts";

/** The use cases, bound to what they work with. */
export function createBroker(context: Context): Broker {
  const owned = ownedBy(context);
  return {
    readConfig: (mount) => readConfig(context, mount),
    writeConfig: (mount, settings) => writeConfig(context, mount, settings),
    deleteConfig: (mount) => deleteConfig(context, mount),
    writeServer: (mount, name, input) => writeServer(context, mount, name, input),
    readServer: (mount, name) => readServer(context, mount, name),
    deleteServer: (mount, name) => deleteServer(context, mount, name),
    listServers: (mount, page) => listServers(context, mount, page),
    authorizationCodeUrl: owned((mount, input) => authorizationCodeUrl(context, mount, input)),
    receiveCallback: (mount, parameters) => receiveCallback(context, mount, parameters),
    writeCredential: owned((mount, name, input) => writeCredential(context, mount, name, input)),
    readCredential: (mount, name, minimum) => readCredential(context, mount, name, minimum),
    listCredentials: (mount, page) =>
      listCredentials(context, mount, "creds", page, (row) => openCredential(context, row)),
    readHistory: (mount, name) => readHistory(context, mount, name),
    retryCredential: owned((mount, name) => retryCredential(context, mount, name)),
    deleteCredential: owned(async (mount, name, revoke) => {
      const key = { mount, kind: "creds", name } as const;
      const warnings = await deleteCredential(context, key, (found) => openCredential(context, found), revoke);
      await forget(context, mount, name);
      return warnings;
    }),
    writeSelf: owned((mount, name, input) => writeSelf(context, mount, name, input)),
    readSelf: (mount, name, minimum) => readSelf(context, mount, name, minimum),
    listSelf: (mount, page) => listCredentials(context, mount, "self", page, (row) => openSelf(context, row)),
    deleteSelf: owned(async (mount, name, revoke) => {
      const key = { mount, kind: "self", name } as const;
      return deleteCredential(context, key, (found) => openSelf(context, found), revoke);
    }),
    exchangeToken: owned((mount, name, input) => exchangeToken(context, mount, name, input)),
    check: () => context.store.check(),
  };
}

/** Use cases that reach a provider, or would once they may. */
function ownedBy(context: Context) {
  return <A extends readonly unknown[], R>(use: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      requireOwner(context);
      return use(...given);
    };
}
