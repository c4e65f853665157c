import { type Found, type LeftBehind, objectIn, SourceError, textOf } from "./found.ts";

/** One account as `oidc-gen --print NAME` shows it: its file is encrypted, and only oidc-gen opens it. */
export function fromOidcAgent(printed: string): Found {
  const account = objectIn(printed, "what came in (the output of oidc-gen --print)");
  const name = textOf(account.name);
  const issuer = textOf(account.issuer_url) ?? textOf(account.issuer);
  if (name === undefined || issuer === undefined) {
    throw new SourceError("what came in is no account of oidc-agent: it names no account or no issuer");
  }
  if (textOf(account.mytoken_url) !== undefined) return { servers: [], logins: [], left: [ofMytoken(account, name)] };
  const refreshToken = textOf(account.refresh_token);
  const scopes = textOf(account.scope)?.split(/\s+/);
  return {
    servers: [{ name, record: recordOf(account, issuer), ...(scopes && { scopes }) }],
    logins: refreshToken === undefined ? [] : [{ name, server: name, refreshToken }],
    left: refreshToken === undefined ? [withoutToken(name)] : [],
  };
}

function recordOf(account: Readonly<Record<string, unknown>>, issuer: string) {
  const clientId = textOf(account.client_id);
  const secret = textOf(account.client_secret);
  const device = textOf(account.device_authorization_endpoint);
  const audience = textOf(account.audience);
  return {
    provider: "oidc",
    ...(clientId !== undefined && { client_id: clientId }),
    ...(secret !== undefined && { client_secret: secret }),
    provider_options: {
      issuer_url: issuer,
      ...(device !== undefined && { device_authorization_endpoint: device }),
      ...(audience !== undefined && { audience }),
    },
  };
}

function ofMytoken(account: Readonly<Record<string, unknown>>, name: string): LeftBehind {
  return {
    what: `account ${name}`,
    why: "it has a mytoken instead of a refresh token, which works at its own server alone",
    next: ["coatcheck", "server", "import", "mytoken", textOf(account.mytoken_url) ?? ""],
  };
}

function withoutToken(name: string): LeftBehind {
  return { what: `login of account ${name}`, why: "it has no refresh token", next: ["coatcheck", "login", name] };
}

/** The accounts of its folder: files without an ending of their own. Each has to be opened by oidc-gen, which asks for its password. */
export function accountsOf(files: readonly string[]): Found {
  const accounts = files.filter((file) => /^[^.]+$/.test(file)).sort();
  return { servers: [], logins: [], left: accounts.map(leftAccount) };
}

function leftAccount(name: string): LeftBehind {
  return {
    what: `account ${name}`,
    why: "its file is encrypted: oidc-gen opens it, and hands it over without showing it",
    from: ["oidc-gen", "--print", name],
    next: ["coatcheck", "server", "import", "oidc-agent", "-", "--yes"],
  };
}
