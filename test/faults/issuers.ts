import type { TestContext } from "node:test";
import { startDemoServer } from "../../src/dev/demo-server.ts";
import type { Proper } from "../../src/dev/proper.ts";
import type { Misbehaving } from "../servers/misbehaving.ts";
import type { RotationRule } from "../servers/token-model.ts";

/** Who issues a provider's tokens, behind its bad wire. */
export interface Issuer {
  readonly clientId: string;
  /** Whether a refresh token may be used again while its successor is used by nobody: then no crash costs a grant. */
  readonly forgives: boolean;
  /** Seconds, of the access tokens from now on. */
  accessLife: number;
  /** The first refresh token of a new grant. */
  grant(): Promise<string>;
  /** What a request to one of its endpoints brings. */
  answer(path: "/token" | "/revoke", form: URLSearchParams): Promise<Proper>;
  /** Whether a refresh token would be accepted now. */
  isGood(refreshToken: string): Promise<boolean>;
  /** Grants that have ended, by reuse above all. */
  revoked(): number;
}

/** `oidc-provider` rotates strictly and ends a grant at reuse; the model also follows other rules. */
export type Rotation = "oidc-provider" | RotationRule;

export function startIssuer(t: TestContext, as: Misbehaving, rotation: Rotation): Issuer | Promise<Issuer> {
  return rotation === "oidc-provider" ? certified(t) : modelled(as, rotation);
}

const RESOURCE = "urn:coatcheck:demo-api";
const SCOPE = "api";
const PATHS = { "/token": "/token", "/revoke": "/token/revocation" } as const;

async function certified(t: TestContext): Promise<Issuer> {
  const server = await startDemoServer({ ttl: { AccessToken: () => issuer.accessLife } });
  t.after(() => server.close());
  const { provider, publicClientId: clientId } = server;
  const client = await provider.Client.find(clientId);
  if (!client) throw new Error(`${clientId} is not registered`);
  const ended = new Set<string>();
  provider.on("grant.revoked", (_context, grantId) => ended.add(grantId));
  const issuer: Issuer = {
    clientId,
    forgives: false,
    accessLife: 0,
    grant: async () => {
      const grant = new provider.Grant({ accountId: "alice", clientId });
      grant.addResourceScope(RESOURCE, SCOPE);
      const of = { accountId: "alice", client, grantId: await grant.save(), gty: "authorization_code" };
      return new provider.RefreshToken({ ...of, scope: SCOPE, resource: RESOURCE }).save();
    },
    answer: async (path, body) => {
      const response = await fetch(server.issuer + PATHS[path], { method: "POST", body }).catch(() => undefined);
      // A broker may go on for a moment after the end of its test.
      if (!response) return { status: 503, body: {} };
      const text = await response.text();
      return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
    },
    isGood: async (refreshToken) => {
      const token = await provider.RefreshToken.find(refreshToken);
      return token?.isValid === true && !ended.has(token.grantId ?? "");
    },
    revoked: () => ended.size,
  };
  return issuer;
}

function modelled({ tokens }: Misbehaving, rotation: RotationRule): Issuer {
  tokens.rotation = rotation;
  return {
    clientId: "client",
    forgives: rotation !== "strict",
    get accessLife() {
      return tokens.accessLife ?? 0;
    },
    set accessLife(seconds) {
      tokens.accessLife = seconds;
    },
    grant: async () => tokens.grant(),
    answer: async (path, form) => (path === "/token" ? tokens.token(form) : tokens.revoke(form)),
    isGood: async (refreshToken) => tokens.isGood(refreshToken),
    revoked: () => tokens.revoked,
  };
}
