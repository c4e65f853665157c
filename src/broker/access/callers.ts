import type { Principal, Recognize } from "../../access/authenticator.ts";
import { type Acl, createAcl, ROOT_ACL } from "../../access/policy/acl.ts";
import { parsePolicy, type Rule } from "../../access/policy/policy.ts";
import { filledIn, isTemplate } from "../../access/policy/template.ts";
import { isOver, type Token } from "../../access/token.ts";
import { type Row, StoreUnavailable } from "../../store/port.ts";
import type { TokenName } from "../access.ts";
import { inBackground } from "../process/background.ts";
import { bounded } from "../process/bounded.ts";
import type { Context } from "../process/context.ts";
import { endToken } from "./end-token.ts";
import { readPolicy } from "./policies.ts";
import { openToken, revokedRoot, TOKENS, tokenName, tokenRow } from "./token-rows.ts";

/** What another instance has changed may go unnoticed for so long, as everywhere (ARCHITECTURE.md). Milliseconds. */
const STALE_MS = 1_000;
/** So long what the store last said stands in for a store that does not answer. Milliseconds. */
const RECENT_MS = 60_000;
const MOST_CALLERS = 10_000;
const MOST_POLICIES = 1_000;

/** Tokens above a token, at most. */
export const MOST_ANCESTORS = 16;

interface Known {
  readonly principal: Principal;
  /** Epoch milliseconds; the end is that of the first to end among it and all above it. */
  readonly from: number;
  readonly until: number;
  /** Monotonic milliseconds, before the store was asked. */
  readonly askedAt: number;
}

/** The token of the file or the environment, which no row has. */
export interface Root {
  readonly recognize: Recognize;
  readonly principal: Principal;
  /** As its row would be called. */
  readonly name: string;
}

/**
 * Whose a token is. What was found is remembered, so that a read of a credential asks the store for no token: where nobody else
 * writes until something of tokens or policies is changed here, else for a second. One that is good for some requests only is
 * looked up each time.
 */
export class Callers {
  root: Root;
  readonly #context: Context;
  readonly #known = bounded<Known>(MOST_CALLERS);
  readonly #rules = bounded<readonly Rule[]>(MOST_POLICIES);
  /** By the names of policies, as long as these say the same: thousands of tokens may have them in common. */
  readonly #acls = bounded<{ readonly rules: readonly (readonly Rule[])[]; readonly acl: Acl }>(MOST_POLICIES);
  readonly #confirming = new Set<string>();
  /** Counts changes: what was read while one was made may be older. */
  #changes = 0;
  #wasRootRevoked = false;

  constructor(context: Context, root: Root) {
    this.#context = context;
    this.root = root;
  }

  /** Another one is in its place: what the one before made ends with it. */
  exchangeRoot(root: Root): void {
    this.root = root;
    this.#wasRootRevoked = false;
    this.forget();
  }

  /** Something of tokens or policies is being changed, or was. */
  forget(): void {
    this.#changes += 1;
    this.#known.clear();
  }

  async changing<T>(change: () => Promise<T>): Promise<T> {
    this.forget();
    return change().finally(() => this.forget());
  }

  /** Without a look at the store; undefined also where one is needed. For a token that comes again and again. */
  ready(token: string): () => Principal | undefined {
    const name = tokenName(token);
    return () => this.#readyNamed(name);
  }

  #readyNamed(name: string): Principal | undefined {
    const known = this.#known.get(name);
    if (!known || !this.#isFresh(known)) return undefined;
    this.#confirmSoon(name, known);
    return known.principal;
  }

  /** Counts as a use. */
  async authenticate(token: string): Promise<Principal | undefined> {
    const name = tokenName(token);
    const ready = this.#readyNamed(name);
    if (ready) return ready;
    try {
      const found = await this.#ask(name, this.root.recognize(token) !== undefined);
      return found?.principal.isLimited === true ? await this.#use(name, found.principal) : found?.principal;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // What the process says of itself is read while the store is away; whatever else asks for the store needs it.
      if (this.root.recognize(token) && !this.#wasRootRevoked) return this.root.principal;
      const known = this.#known.peek(name);
      const now = this.#context.clock.now();
      if (!known || now - known.from > RECENT_MS || known.until <= now) throw error;
      return known.principal;
    }
  }

  /** Counts as none. */
  async find(name: TokenName): Promise<Principal | undefined> {
    if ("token" in name) {
      return (await this.#ask(tokenName(name.token), this.root.recognize(name.token) !== undefined))?.principal;
    }
    if (name.accessor === this.root.principal.accessor) return (await this.#goodRoot())?.principal;
    const row = await this.#context.store.readById(name.accessor);
    return row?.kind === "token" ? (await this.#judge(row))?.principal : undefined;
  }

  #isFresh({ from, until, askedAt }: Known): boolean {
    const { clock, store } = this.#context;
    const now = clock.now();
    return from <= now && now < until && (store.alone || clock.monotonic() - askedAt <= STALE_MS);
  }

  /** What is asked for again and again is confirmed before it is stale, and nobody waits for it. */
  #confirmSoon(name: string, { askedAt, principal }: Known): void {
    const { clock, store } = this.#context;
    if (store.alone || clock.monotonic() - askedAt < STALE_MS / 2 || this.#confirming.has(name)) return;
    this.#confirming.add(name);
    const confirmed = this.#ask(name, principal === this.root.principal).finally(() => this.#confirming.delete(name));
    inBackground(this.#context, "confirm token", confirmed);
  }

  async #ask(name: string, isRoot: boolean): Promise<Known | undefined> {
    const changes = this.#changes;
    const found = isRoot ? await this.#askRoot() : await this.#askStore(name);
    if (!found) this.#known.delete(name);
    else if (changes === this.#changes && found.principal.isLimited !== true) this.#known.set(name, found);
    return found;
  }

  async #askRoot(): Promise<Known | undefined> {
    const asked = this.#moment();
    const root = await this.#goodRoot();
    return root && { principal: root.principal, ...asked, until: Number.POSITIVE_INFINITY };
  }

  /** What is read from now on is at least as new. */
  #moment(): Pick<Known, "from" | "askedAt"> {
    const { clock } = this.#context;
    return { from: clock.now(), askedAt: clock.monotonic() };
  }

  /** Undefined where it was revoked, or another one is in its place by the time that this is known (ST-176). */
  async #goodRoot(): Promise<Root | undefined> {
    const { root } = this;
    const isRevoked = (await this.#context.store.read(revokedRoot(root.name))) !== undefined;
    if (root !== this.root) return undefined;
    this.#wasRootRevoked = isRevoked;
    return isRevoked ? undefined : root;
  }

  async #askStore(name: string): Promise<Known | undefined> {
    const asked = this.#moment();
    const row = await this.#context.store.read({ ...TOKENS, name });
    return row && this.#judge(row, asked);
  }

  /** By all above it: one that has ended takes along what it made. */
  async #judge(row: Row, { from, askedAt } = this.#moment()): Promise<Known | undefined> {
    const token = openToken(this.#context, row);
    let until = Number.POSITIVE_INFINITY;
    let ancestors = 0;
    for (let one: Token = token; ; ancestors++) {
      if (isOver(one, from) || ancestors > MOST_ANCESTORS) return undefined;
      until = Math.min(until, one.expiresAt ?? until);
      if (one.parent === undefined) {
        if (one.login && !(await this.#context.store.readById(one.login.mount))) return undefined;
        break;
      }
      if (one.parent === this.root.principal.accessor) {
        if (!(await this.#goodRoot())) return undefined;
        break;
      }
      const above = await this.#context.store.readById(one.parent);
      if (above?.kind !== "token") return undefined;
      one = openToken(this.#context, above);
    }
    const acl = await this.#aclOf(token);
    return { principal: principalOf(row.id, token, acl, ancestors), from, askedAt, until };
  }

  async #aclOf({ policies, entity }: Token): Promise<Acl> {
    if (policies.includes("root")) return ROOT_ACL;
    const texts = await Promise.all(policies.map((name) => readPolicy(this.#context, name)));
    const rules = texts.flatMap((text) => (text === undefined ? [] : [this.#rulesIn(text)]));
    // Of one token alone.
    if (rules.some((one) => one.some(isTemplate))) return createAcl(rules.map((one) => filledIn(one, entity)));
    const key = policies.join("\n");
    const known = this.#acls.get(key);
    if (known?.rules.length === rules.length && rules.every((one, at) => one === known.rules[at])) return known.acl;
    const acl = createAcl(rules);
    this.#acls.set(key, { rules, acl });
    return acl;
  }

  #rulesIn(text: string): readonly Rule[] {
    const rules = this.#rules.get(text) ?? parsePolicy(text);
    this.#rules.set(text, rules);
    return rules;
  }

  /** One use less; the last one ends it. Whoever uses it in the same moment has to have one of their own. */
  async #use(name: string, { accessor }: Principal): Promise<Principal | undefined> {
    const { store } = this.#context;
    for (;;) {
      const row = await store.read({ ...TOKENS, name });
      const found = row?.id === accessor ? await this.#judge(row) : undefined;
      const token = found?.principal.token;
      if (!row || !token || !found) return undefined;
      const used = { ...token, usesLeft: token.usesLeft - 1 };
      const isLast = used.usesLeft === 0;
      const isMine = isLast
        ? await store.remove({ id: row.id, revision: row.revision })
        : await store.write(tokenRow(this.#context, row, used), { id: row.id, revision: row.revision });
      if (isMine && isLast) await endToken(this.#context, row);
      if (isMine) return { ...found.principal, token: used };
    }
  }
}

function principalOf(accessor: string, token: Token, acl: Acl, ancestors: number): Principal {
  const { displayName, policies, path } = token;
  return {
    accessor,
    displayName,
    policies,
    path,
    acl,
    token,
    ancestors,
    ...(token.standsFor !== undefined && { standsFor: token.standsFor }),
    ...(token.usesLeft > 0 && { isLimited: true }),
  };
}
