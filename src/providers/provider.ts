import type { AuthMethod } from "../protocol/client.ts";
import type { IssuerPlaceholder } from "../protocol/identity/id-token-claims.ts";
import type { Quirks } from "../protocol/quirks.ts";
import type { OwnRevocation } from "../protocol/revocation.ts";
import type { ApiServer } from "./api-server.ts";

/** Rotation profile of refresh tokens (requirements.md section 4): what happens to the old token after a refresh. */
export type Rotation =
  | { readonly kind: "none" | "reusable" | "until-successor-used" | "strict" }
  | { readonly kind: "grace"; readonly seconds: number; readonly count?: number };

/** One option of a server or a credential. */
export interface OptionRule {
  /**
   * `names`: a comma list of host names, `*.` before one for all below it, `*` for all. `object`: JSON.
   * `uris`: a comma list of absolute URIs (RFC 8707 2). `parameters`: JSON, names and texts, none of which is reserved;
   * `link-parameters`: of an authorization link.
   */
  readonly kind:
    | "url"
    | "text"
    | "choice"
    | "list"
    | "rotation"
    | "names"
    | "object"
    | "uris"
    | "parameters"
    | "link-parameters";
  /** What it is, for the documentation. */
  readonly about?: string;
  /** Of an object: what its values may be. */
  readonly values?: readonly string[];
  /** Error text when it is missing, e.g. `token URL is required`. */
  readonly required?: string;
  /** Another option that makes it needless. */
  readonly requiredUnless?: string;
  readonly default?: string;
  readonly choices?: readonly string[];
  /** What a text must match as a whole. */
  readonly pattern?: string;
  /** Error text for a value outside `choices` or `pattern`; that of a list or of names is followed by the value in quotes. */
  readonly invalid?: string;
}

/** Where a provider's own API is: `{api_url}` in the URLs of its calls. */
interface OwnApi {
  /** With the default of `base_url`. */
  readonly url: string;
  /** With any other. */
  readonly selfHosted: string;
  /** With one whose host, `{base_host}`, is in this domain: hosted by the provider too, elsewhere. */
  readonly inDomain?: { readonly domain: string; readonly url: string };
}

/** A GET with the access token as Bearer, answered by a JSON object. */
export interface AccountCall {
  readonly url: string;
  /** What names the account and never changes, and what people know it by. */
  readonly members: { readonly subject: string; readonly name: string };
  /** Others may have the same name: then it says nothing about whose account it is. */
  readonly isNameShared?: boolean;
}

/** URLs, or templates of them. */
export interface Endpoints {
  readonly issuer?: string;
  readonly authorization?: string;
  readonly token?: string;
  /** Where a refresh is asked for, if that is not where a code is redeemed (Figma). */
  readonly refresh?: string;
  readonly deviceAuthorization?: string;
  readonly revocation?: string;
  readonly registration?: string;
}

/**
 * A provider is data: where its endpoints are and what it does differently. Templates name options in braces,
 * `{tenant}` (path-escaped) or, as a whole prefix, `{base_url}` (a URL, one trailing slash removed).
 */
export interface Provider {
  /** The provider's own documentation. */
  readonly docs: string;
  /** Where an application is registered: a page of the provider, or a template of one. */
  readonly register?: string;
  readonly id: string;
  readonly version: number;
  /** Issuer template; set where the endpoints come from discovery. Those of `endpoints` that have a value win. */
  readonly discovery?: string;
  /** An option whose value stands in for discovery. */
  readonly discoveryWithout?: string;
  /** Set instead where the authorization server is found from the name of an API server. */
  readonly apiServer?: ApiServer;
  readonly endpoints?: Endpoints;
  readonly options?: Readonly<Record<string, OptionRule>>;
  readonly credentialOptions?: Readonly<Record<string, OptionRule>>;
  /** What a template option is when neither server nor credential names it. */
  readonly optionDefaults?: Readonly<Record<string, string>>;
  /** Option → value → quirks that this choice adds. */
  readonly variants?: Readonly<Record<string, Readonly<Record<string, Quirks>>>>;
  /** An option that chooses the client authentication. */
  readonly methodOption?: { readonly name: string; readonly methods: Readonly<Record<string, AuthMethod>> };
  /** An option that names the scope separator. */
  readonly separatorOption?: string;
  /** An option that names the object with the tokens (`Quirks.tokenPath`). */
  readonly tokenPathOption?: string;
  /** An option with an object of the provider's error codes and what they mean, before those of its data. */
  readonly errorCodesOption?: string;
  /** Client authentication when the server record names none and a secret exists. */
  readonly authMethod?: AuthMethod;
  /** Basic names the secret as the user, without a password (Stripe). */
  readonly secretIsUser?: boolean;
  /** False where the device endpoints take no client secret (GitHub). */
  readonly deviceAuthentication?: boolean;
  /** `openid` is asked for, id_tokens are verified, userinfo is read. */
  readonly openid?: boolean;
  /** Issuers accepted in an id_token besides the metadata's own (Google's scheme-less form). */
  readonly issuerAliases?: readonly string[];
  /**
   * What its metadata may say instead of one path segment of the issuer that was asked for, and the claim of an id_token that
   * fills it in (META-05; Entra's tenants).
   */
  readonly issuerPlaceholder?: IssuerPlaceholder;
  /** Hosts of its verification pages, where they are none of those of its endpoints (XD-13). */
  readonly verificationHosts?: readonly string[];
  /**
   * Where its verification pages are: at a host of its endpoints, if nothing is said. `issuer`: at the issuer's or the API
   * server's, which somebody named; nobody has agreed to the others, so a warning about the page is in Vault's answers too.
   */
  readonly verificationPages?: "issuer";
  /** People who approve see the user agent of its requests, and know the device by it: a login's label belongs there (MX-G1). */
  readonly showsUserAgent?: boolean;
  /** What else may have happened when a device code was not approved in time: some tell an error to the person alone (MX-G7). */
  readonly expiryHint?: string;
  /** What its authorization link wants besides OAuth's parameters to give a refresh token; the caller's win. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /** A loopback redirect URI is good at any port, whichever was registered (RFC 8252 7.3), as its documentation says. */
  readonly anyLoopbackPort?: boolean;
  /** Where browsers come back to a person's own broker, if the provider does not accept the usual one. With https a person brings the answer back by hand. */
  readonly loopbackRedirect?: string;
  /** What whoever sets it up has to know, one or two sentences. */
  readonly note?: string;
  /** Of one whose documentation prints no answer of its token endpoint: a sentence that says so, and on what its data rest. */
  readonly unprinted?: string;
  /** Where revocation is not RFC 7009; `{client_id}` in its URL is the client's. */
  readonly revocationCall?: OwnRevocation;
  readonly api?: OwnApi;
  /** Where it says whose an access token is, if there is no id_token. */
  readonly account?: AccountCall;
  /** How long its access tokens live where its answers do not say it, by its documentation. Seconds. */
  readonly defaultExpirySeconds?: number;
  readonly quirks: Quirks;
  /** Where it is not known, `strict`. */
  readonly rotation: Rotation;
  /** An option that states it. */
  readonly rotationOption?: string;
}
