import type { Random } from "../faults/random.ts";
import { TokenModel } from "../servers/token-model.ts";
import type { Exchange } from "./fetch-port.ts";
import { ProviderLog, type Use } from "./provider-log.ts";
import type { Timeline } from "./timeline.ts";

export type ProviderMood = "well" | "flaky" | "silent" | "throttling" | "odd" | "down" | "lies" | "no client";

/** How long a healthy provider takes to commit, and to answer. Milliseconds. */
const USUAL = 120;

/** Slow enough for anything to happen in between. Milliseconds. */
const SLOW = 4_000;

/** Longer than any operation may last. Milliseconds. */
const VERY_LATE = 45_000;

type Answer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

interface Turn {
  readonly exchange: Exchange;
  /** Does what a good answer says, and answers it; once, however often it is asked. */
  commit(): Answer;
  /** After some time, unless the connection has ended by then. */
  later(least: number, most: number, then: () => void): void;
}

type Fate = (turn: Turn) => void;

const HTML: Answer = [200, "<h1>Welcome to this hotel</h1>", { "content-type": "text/html" }];

function say({ exchange }: Turn, [status, body, headers = {}]: Answer): void {
  exchange.answer(status, typeof body === "string" ? body : JSON.stringify(body), headers);
}

/** Commits some time after the request, and answers some time after that. */
const good: Fate = (turn) => committed((answer) => answer)(turn);

function committed(change: (answer: Answer) => Answer, wait = USUAL): Fate {
  return (turn) =>
    turn.later(1, wait, () => {
      const answer = turn.commit();
      turn.later(1, wait, () => say(turn, change(answer)));
    });
}

const onlySays = (answer: Answer): Fate => {
  return (turn) => turn.later(1, USUAL, () => say(turn, answer));
};

const odd = (change: (body: Record<string, unknown>) => Record<string, unknown>, status = 200): Fate =>
  committed(([was, body]) => (was === 200 ? [status, change(body as Record<string, unknown>)] : [was, body]));

const breaks: Fate = (turn) => turn.later(1, USUAL, () => turn.exchange.break());

const commitsAndBreaks: Fate = (turn) =>
  turn.later(1, USUAL, () => {
    turn.commit();
    turn.later(1, USUAL, () => turn.exchange.break());
  });

const commitsAndHangs: Fate = (turn) => turn.later(1, USUAL, () => void turn.commit());

const AMBIGUOUS: readonly Fate[] = [
  breaks,
  commitsAndBreaks,
  committed(() => [500, ""]),
  committed(() => HTML),
  onlySays([500, ""]),
  onlySays([503, "", { "retry-after": "3" }]),
  committed((answer) => answer, VERY_LATE),
];

const MOODS: Readonly<Record<ProviderMood, { readonly chance: number; readonly fates: readonly Fate[] }>> = {
  well: { chance: 0.3, fates: [committed((answer) => answer, SLOW)] },
  flaky: { chance: 0.5, fates: AMBIGUOUS },
  silent: { chance: 0.8, fates: [() => {}, commitsAndHangs, committed((answer) => answer, VERY_LATE)] },
  throttling: {
    chance: 0.7,
    fates: [onlySays([429, { error: "slow_down" }, { "retry-after": "7" }]), onlySays([503, ""])],
  },
  odd: {
    chance: 0.8,
    fates: [
      odd((body) => ({ ...body, token_type: undefined, error: "" })),
      odd((body) => ({ ...body, expires_in: String(body.expires_in), scope: ["a"] }), 201),
      odd((body) => ({ ...body, access_token: "" })),
      onlySays([400, { error: "slow_down" }]),
      onlySays(HTML),
    ],
  },
  down: { chance: 1, fates: [breaks] },
  lies: { chance: 0.3, fates: [onlySays([400, { error: "invalid_grant" }])] },
  "no client": { chance: 1, fates: [onlySays([401, { error: "invalid_client" }])] },
};

/** The others are about grants and clients, and would end a revocation for good. */
const ALSO_REVOCATION: ReadonlySet<ProviderMood> = new Set(["flaky", "silent", "throttling"]);

export interface ProviderWatch {
  /** A request with a one-time value is written now. */
  sends(use: Use): void;
  /** A device flow was started. */
  starts(scope: string, deviceCode: string): void;
}

/** The authorization server of the simulation: the product's own token model behind faults, and a log of every use. */
export class Provider {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly tokens: TokenModel;
  readonly log = new ProviderLog();
  readonly approved = new Set<string>();
  readonly watch: ProviderWatch;
  mood: ProviderMood = "well";

  constructor(timeline: Timeline, random: Random, watch: ProviderWatch) {
    this.timeline = timeline;
    this.random = random;
    this.watch = watch;
    this.tokens = new TokenModel(() => timeline.now);
  }

  receive(exchange: Exchange): void {
    const use = this.#use(exchange);
    if (use) this.watch.sends(use);
    let answer: Answer | undefined;
    const commit = () => {
      answer ??= this.#commit(exchange, use);
      return answer;
    };
    exchange.onClosed = (gone) => {
      if (use) use.endedAt = this.timeline.now;
      // Some do the work for a client that has gone, some notice.
      if (gone && this.random.next() < 0.5) commit();
    };
    exchange.onHeard = (what) => {
      if (use) use.heard = what;
    };
    const later = (least: number, most: number, then: () => void) => {
      this.timeline.at(this.random.between(least, most), () => {
        if (!exchange.closed) then();
      });
    };
    this.#fate(exchange)({ exchange, commit, later });
  }

  #commit(exchange: Exchange, use: Use | undefined): Answer {
    const { status, body } = this.#proper(exchange);
    const { refresh_token: refreshToken, access_token: accessToken } = body;
    if (use && typeof accessToken === "string") {
      this.log.issue(use, typeof refreshToken === "string" ? refreshToken : use.value, accessToken);
    }
    return [status, body];
  }

  #fate({ path }: Exchange): Fate {
    const { chance, fates } = MOODS[this.mood];
    if (path === "/revoke" && !ALSO_REVOCATION.has(this.mood)) return good;
    return this.random.next() < chance ? this.random.pick(fates) : good;
  }

  #use({ path, form, process }: Exchange): Use | undefined {
    const value = form.get("refresh_token") ?? form.get("device_code");
    return path === "/token" && value !== null ? this.log.begin(value, process, this.timeline.now) : undefined;
  }

  #proper({ path, form }: Exchange) {
    if (path === "/device") {
      const body = this.tokens.startDevice("https://as.example");
      this.watch.starts(form.get("scope") ?? "", String(body.device_code));
      return { status: 200, body };
    }
    if (path === "/revoke") return this.tokens.revoke(form);
    this.tokens.approved = this.approved.has(form.get("device_code") ?? "");
    return this.tokens.token(form);
  }
}
