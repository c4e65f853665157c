import type { CredentialInput, ServerInput } from "../../src/broker/broker.ts";
import { BrokerError } from "../../src/broker/errors.ts";
import { DEFAULT_SETTINGS } from "../../src/credential/index.ts";
import { StoreUnavailable } from "../../src/store/port.ts";
import { DEVICE } from "../support/misbehaving.ts";
import type { Instance } from "./instance.ts";
import type { Observer } from "./observer.ts";
import type { Provider } from "./provider.ts";
import type { Grant } from "./provider-log.ts";
import type { Timeline } from "./timeline.ts";

export const MOUNT = "oauth2";

const SERVER: ServerInput = {
  provider: "custom",
  clientId: "client",
  clientSecret: "",
  clientSecrets: [],
  tokenEndpointAuthMethod: "",
  clientKey: "",
  clientKeyId: "",
  clientAssertionAlg: "",
  clientAssertionAud: "",
  initialAccessToken: "",
  providerOptions: {
    issuer: "https://as.example",
    token_url: "https://as.example/token",
    device_code_url: "https://as.example/device",
    revocation_url: "https://as.example/revoke",
  },
  authUrlParams: {},
  defaultExpirySeconds: 0,
  maximumExpirySeconds: 0,
  allowSessions: false,
  sessionFlow: "",
  redirectUri: "",
  proxyApis: {},
  allowTools: [],
  denyTools: [],
};

const NOTHING: CredentialInput = {
  server: "as",
  grantType: "",
  code: "",
  redirectUrl: "",
  state: "",
  codeVerifier: "",
  iss: "",
  refreshToken: "",
  deviceCode: "",
  scopes: [],
  interval: 0,
  expiresIn: 0,
  maximumExpirySeconds: 0,
  providerOptions: {},
};

/** An answer to a read; neither = there is nothing of that name. */
export interface Told {
  readonly accessToken?: string;
  readonly reason?: string;
}

/** The people and programs that use the brokers: what they ask, what they are told, and the grants they brought. */
export class Callers {
  /** What they were told, in order. */
  readonly told: string[] = [];
  readonly #timeline: Timeline;
  readonly #provider: Provider;
  readonly #observer: Observer;
  readonly #grants = new Map<string, Grant>();
  readonly #ended = new Set<Grant>();

  constructor(timeline: Timeline, provider: Provider, observer: Observer) {
    this.#timeline = timeline;
    this.#provider = provider;
    this.#observer = observer;
  }

  get grants(): readonly Grant[] {
    return [...this.#grants.values()];
  }

  grantOfScope(scope: string): Grant | undefined {
    return this.#grants.get(scope);
  }

  hasEnded(grant: Grant): boolean {
    return this.#ended.has(grant);
  }

  writeServer(at: Instance): void {
    this.#call("server", at.broker.writeServer(MOUNT, "as", SERVER));
  }

  writeConfig(at: Instance, refreshCheckIntervalSeconds: number): void {
    this.#call("config", at.broker.writeConfig(MOUNT, { ...DEFAULT_SETTINGS, refreshCheckIntervalSeconds }));
  }

  retry(at: Instance, name: string): void {
    this.#call(`retry ${name}`, at.broker.retryCredential(MOUNT, name));
  }

  importGrant(at: Instance, name: string): void {
    const { grant, acknowledge } = this.#bring(name);
    const refreshToken = this.#provider.tokens.grant();
    this.#provider.log.enrol(grant, refreshToken);
    const written = at.broker.writeCredential(MOUNT, name, { ...NOTHING, refreshToken });
    this.#call(`import ${name}`, written, () => {
      acknowledge();
      return refreshToken;
    });
  }

  startDevice(at: Instance, name: string): void {
    const { grant, scope, acknowledge } = this.#bring(name);
    const input = { ...NOTHING, grantType: DEVICE, scopes: [scope] };
    this.#call(`device ${grant.name}`, at.broker.writeCredential(MOUNT, name, input), (view) => {
      acknowledge();
      return view?.userCode;
    });
  }

  /** A grant that is being written under a name; a device flow knows its own by the scope. */
  #bring(name: string) {
    const { rules } = this.#observer;
    const change = rules.begin(name, "write");
    const scope = `grant-${this.#grants.size}`;
    const grant: Grant = { name, begun: change.begun, acknowledged: undefined, tokens: [] };
    this.#grants.set(scope, grant);
    const acknowledge = () => {
      rules.acknowledge(change);
      grant.acknowledged = change.acknowledged;
    };
    return { grant, scope, acknowledge };
  }

  /** Resolves with what the reader was told; never, when the instance dies before. */
  read(at: Instance, name: string, minimum: number): Promise<Told> {
    const { rules } = this.#observer;
    const asked = this.#timeline.happened;
    const read = at.broker.readCredential(MOUNT, name, minimum).then((view) => {
      if (view) rules.handedOut(name, view.accessToken, asked, at.process);
      return view;
    });
    this.#call(`read ${name}`, read, (view) => view?.accessToken);
    return read.then(
      (view) => (view ? { accessToken: view.accessToken } : {}),
      (error) => ({ reason: error instanceof BrokerError ? (error.detail.reason ?? error.message) : String(error) }),
    );
  }

  delete(at: Instance, name: string): void {
    const { rules } = this.#observer;
    const change = rules.begin(name, "delete");
    this.#call(`delete ${name}`, at.broker.deleteCredential(MOUNT, name, true), (warnings) => {
      rules.acknowledge(change);
      return warnings.join();
    });
  }

  /** The person at the device page says yes. */
  approve(name: string): void {
    const state = this.#observer.rules.stateOf(name);
    if (state?.status === "pending" && state.flow === "device") this.#provider.approved.add(state.deviceCode);
  }

  /** The person ends the grant at the provider. */
  end(name: string): void {
    const state = this.#observer.rules.stateOf(name);
    if (state?.status !== "issued" || state.refreshToken === undefined) return;
    this.#provider.tokens.end(state.refreshToken);
    const grant = this.#provider.log.grantOf(state.refreshToken);
    if (grant) this.#ended.add(grant);
  }

  /** What fails must fail in the broker's own words. */
  #call<T>(what: string, work: Promise<T>, answered: (value: T) => string | undefined = () => "ok"): void {
    work.then(
      (value) => this.#tell(`${what}: ${answered(value)}`),
      (error: unknown) => {
        const expected = error instanceof BrokerError || error instanceof StoreUnavailable;
        const { rules } = this.#observer;
        if (!expected) rules.broken.push(`${what} failed: ${error instanceof Error ? error.stack : error}`);
        this.#tell(`${what}: ${error instanceof Error ? error.message : error}`);
      },
    );
  }

  #tell(text: string): void {
    this.#observer.trace(() => `  told ${text}`);
    this.told.push(text);
  }
}
