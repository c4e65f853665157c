import type { Broker, TokenView } from "../../src/broker/broker.ts";
import { BrokerError } from "../../src/broker/errors.ts";

export const NOW = Date.parse("2026-11-22T11:00:00Z");

const NO_OPTIONS = { providerOptions: {}, extraData: {}, warnings: [] };

/** Recorded answers of the use cases, by the name that is asked for; undefined for all others. */
const TOKENS: Readonly<Record<string, TokenView>> = {
  me: {
    server: "github",
    accessToken: "at-1",
    type: "Bearer",
    expiresAt: NOW + 3_600_400,
    remainingSeconds: 3600,
    scopes: ["repo"],
    ...NO_OPTIONS,
  },
  forever: { server: "github", accessToken: "at-2", type: "Bearer", scopes: [], ...NO_OPTIONS },
  warned: { server: "github", accessToken: "at-3", type: "Bearer", scopes: [], ...NO_OPTIONS, warnings: ["careful"] },
};

const PENDING = {
  userCode: "WDJB-MJHT",
  verificationUri: "https://as.example/device",
  verificationUriComplete: "https://as.example/device?user_code=WDJB-MJHT",
  expiresAt: NOW + 900_000,
  interval: 5,
};

const ERRORS: Readonly<Record<string, Error>> = {
  pending: new BrokerError("wait", "token pending issuance", { retryAfter: 4.2, pending: PENDING }),
  denied: new BrokerError("refused", "device code exchange failed: server rejected request: access_denied", {
    reason: "access_denied",
    providerError: "access_denied",
  }),
  short: new BrokerError("refused", "token is valid for 60 s, less than the 600 s asked for", {
    reason: "token_too_short",
    expiresAt: NOW + 60_000,
  }),
  later: new BrokerError("wait", "authorization server unavailable", { reason: "temporarily_unavailable" }),
  upstream: new BrokerError("repeat", "authorization server unavailable", { retryAfter: 7 }),
  forbidden: new BrokerError("forbidden", "permission denied"),
  broken: new TypeError("secret-in-a-message"),
  full: Object.assign(new Error("disk full"), { name: "StoreUnavailable" }),
};

export interface Calls {
  readonly writes: { readonly kind: string; readonly name: string; readonly input: unknown }[];
}

/**
 * Recorded answers at the edge of the broker, so that the tests of this folder see HTTP only. `calls.writes` is what
 * would have been stored.
 */
export function recordedBroker(): { broker: Broker; calls: Calls } {
  const calls: Calls = { writes: [] };
  const servers = new Map<string, Parameters<Broker["writeServer"]>[2]>();
  const state: { settings: Awaited<ReturnType<Broker["readConfig"]>> } = { settings: undefined };
  const wrote = (kind: string, name: string, input: unknown) => void calls.writes.push({ kind, name, input });
  const credential = async (name: string) => {
    const error = ERRORS[name];
    if (error) throw error;
    return TOKENS[name];
  };
  const names = (page: { prefix: string; after?: string; limit?: number }, all: readonly string[]) =>
    all
      .filter((name) => name.startsWith(page.prefix) && (page.after === undefined || name > page.after))
      .slice(0, page.limit);
  const broker: Broker = {
    readConfig: async () => state.settings,
    writeConfig: async (_mount, settings) => {
      wrote("config", "", settings);
      state.settings = settings;
    },
    deleteConfig: async () => {
      state.settings = undefined;
    },
    writeServer: async (_mount, name, input) => {
      wrote("servers", name, input);
      if (ERRORS[name]) throw ERRORS[name];
      servers.set(name, input);
      return [];
    },
    readServer: async (_mount, name) => {
      const input = servers.get(name);
      if (!input) return undefined;
      const { clientId, authUrlParams, provider, providerOptions } = input;
      return {
        ...{ clientId, authUrlParams, provider, providerOptions },
        ...{ providerVersion: 1, tokenEndpointAuthMethod: "none", allowSessions: input.allowSessions },
        ...{ authMethodChosen: false, registered: false, secrets: [] },
        ...{ sessionFlow: input.sessionFlow, redirectUri: input.redirectUri, proxyApis: input.proxyApis },
        ...{ allowTools: input.allowTools, denyTools: input.denyTools },
        ...{ defaultExpirySeconds: input.defaultExpirySeconds, maximumExpirySeconds: input.maximumExpirySeconds },
        warnings: [],
      };
    },
    deleteServer: async (_mount, name) => void servers.delete(name),
    checkServer: async (_mount, name) => {
      if (ERRORS[name]) throw ERRORS[name];
      return [];
    },
    planServer: async (_mount, name, input) => {
      wrote("plan", name, input);
      return servers.has(name) ? { action: "change", changes: ["clientSecret"] } : { action: "create", changes: [] };
    },
    readyToken: () => () => undefined,
    usesOfServer: async (_mount, name) => (servers.has(name) ? { credentials: 2, sessions: 1 } : undefined),
    tryServer: async (_mount, name, input) => {
      wrote("try", name, input);
      return servers.has(name) || input.provider !== "" ? [] : undefined;
    },
    listServers: (_mount, page) => slices(names(page, [...servers.keys()].toSorted())),
    authorizationCodeUrl: async (_mount, input) => {
      wrote("auth-code-url", input.name, input);
      return { url: "https://as.example/authorize", state: "st", expiresAt: NOW + 600_000 };
    },
    receiveCallback: async (_mount, { parameters }) => {
      const state = parameters.get("state");
      if (state === "broken") throw new Error("secret-in-a-message");
      if (state !== "good" && state !== "bad") return { known: false, ok: false, text: "Unknown <link>." };
      return { known: true, ok: state === "good", text: state === "good" ? "Stored." : "You refused <b>it</b>." };
    },
    writeCredential: async (_mount, name, input) => {
      wrote("creds", name, input);
      if (ERRORS[name] && name !== "pending") throw ERRORS[name];
      return name === "pending" ? PENDING : undefined;
    },
    readCredential: async (_mount, name) => credential(name),
    listCredentials: async (_mount, page) => {
      const found = names(page, ["a/b", "a/c", "me"]);
      const info = { status: "issued", server: "github", expiresAt: NOW + 60_000 } as const;
      return { names: slices(found), info: new Map(found.map((name) => [name, info])) };
    },
    countCredentials: async (_mount, prefix) => ({ pending: 0, issued: 1, failed: prefix.length, failing: 10_000 }),
    findCredentials: async (_mount, { prefix, after = "", status, server }) => {
      const info = { status: "failed", server: server ?? "github", reason: "invalid_grant" } as const;
      const found = names({ prefix, after }, status === "failing" ? ["a/b", "a/c"] : []);
      return { found: new Map(found.map((name) => [name, info])), ...(after === "" && { next: "a/d" }) };
    },
    readHistory: async (_mount, name) =>
      name === "me" || name === "a/b"
        ? {
            credential: { status: "issued", server: "github", expiresAt: NOW + 60_000 },
            attempts: [
              { at: NOW, lastAt: NOW + 9_000, count: 3, kind: "poll", outcome: "pending", reason: "x", instance: "i" },
            ],
          }
        : undefined,
    retryCredential: async (_mount, name) => {
      wrote("retry", name, undefined);
      if (name !== "me" && name !== "a/b") throw new BrokerError("refused", "there is no failed grant with that name");
    },
    deleteCredential: async (_mount, name, revoke) => {
      wrote("delete", name, revoke);
      return name === "warned" ? ["credential removed, but the grant could not be revoked: refused"] : [];
    },
    writeSelf: async (_mount, name, input) => wrote("self", name, input),
    readSelf: async (_mount, name) => credential(name),
    findSelf: async () => ({ found: new Map() }),
    countSelf: async () => undefined,
    listSelf: async () => ({ names: slices([]), info: new Map() }),
    deleteSelf: async () => [],
    exchangeToken: async (_mount, name, input) => {
      wrote("sts", name, input);
      return credential(name);
    },
    // The session API is tested over the real broker; here only a request that is passed on and never answered.
    sessions: { forward: () => new Promise(() => {}) } as unknown as Broker["sessions"],
    check: async () => {},
  };
  return { broker, calls };
}

async function* slices(names: readonly string[]): AsyncGenerator<readonly string[]> {
  yield names;
}
