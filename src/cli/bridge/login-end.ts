import { META } from "../../mcp/era.ts";
import { type Fields, isFields, metaOf, type Request } from "../../mcp/message.ts";
import type { Clock } from "../../process/clock.ts";
import type { AgentSide } from "./agent-side.ts";
import type { Memory } from "./memory.ts";

/** MCP-T5: so long before the end of a login that nothing renews. Milliseconds. */
const LAST_MS = 300_000;

/** Answers that came at different times count the same end by this much. Milliseconds. */
const SAME_END_MS = 5_000;

/** RFC 5424's levels, as MCP names them: those at which an agent hears of a warning. */
const HEARS_WARNINGS: ReadonlySet<unknown> = new Set(["debug", "info", "notice", "warning"]);

export interface LoginEndParts {
  readonly agent: Pick<AgentSide, "say" | "write">;
  readonly clock: Clock;
  readonly memory: Pick<Memory, "result">;
  /** How people call the server: its host. */
  readonly server: string;
  /** What a person runs then. */
  readonly command: string;
}

/** MCP-T5: a login without a refresh token ends; that is said once, in time for the next one. */
export class LoginEnd {
  readonly #parts: LoginEndParts;
  #endsAt: number | undefined;
  #cancel = () => {};
  #isSaid = false;
  /** For an agent that wants to hear it only while it asks for something. */
  #untold: string | undefined;
  #isLegacy = false;
  #level: unknown = "warning";

  constructor(parts: LoginEndParts) {
    this.#parts = parts;
  }

  /** What the server's answers say: seconds that are left; undefined: it goes on by itself, or there is no login. */
  note(seconds: number | undefined): void {
    const endsAt = seconds === undefined ? undefined : this.#parts.clock.monotonic() + seconds * 1_000;
    const isSame = endsAt !== undefined && Math.abs(endsAt - (this.#endsAt ?? 0)) <= SAME_END_MS;
    if (isSame && this.#endsAt !== undefined) return;
    this.end();
    this.#endsAt = endsAt;
    this.#isSaid = false;
    this.#untold = undefined;
    this.#look();
  }

  #look(): void {
    if (this.#endsAt === undefined || this.#isSaid) return;
    const left = this.#endsAt - this.#parts.clock.monotonic();
    if (left > LAST_MS) this.#cancel = this.#parts.clock.after(left - LAST_MS, () => this.#look());
    else this.#say(left);
  }

  #say(left: number): void {
    this.#isSaid = true;
    const { agent, memory, server, command } = this.#parts;
    const minutes = Math.max(Math.round(left / 60_000), 0);
    const when = minutes === 0 ? "in less than a minute" : `in ${minutes} minute${minutes === 1 ? "" : "s"}`;
    const text = `the login at ${server} ends ${when}, and the server gave no refresh token: sign in again before then with ${command}`;
    agent.say(text);
    const { capabilities } = memory.result("initialize") ?? {};
    const isHeard = isFields(capabilities) && capabilities.logging !== undefined && HEARS_WARNINGS.has(this.#level);
    if (!this.#isLegacy) this.#untold = text;
    else if (isHeard) this.#tell(text);
  }

  #tell(text: string): void {
    const params: Fields = { level: "warning", logger: "coatcheck", data: text };
    void this.#parts.agent.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params }));
  }

  /**
   * A request of the agent. One of 2025 is told where the server has a log (`logging`), at the level that it set; one of 2026
   * while a request of its own is under way that says a level.
   */
  heard(request: Request): void {
    if (request.method === "initialize") this.#isLegacy = true;
    if (request.method === "logging/setLevel") this.#level = request.params?.level;
    const text = this.#untold;
    if (text === undefined || !HEARS_WARNINGS.has(metaOf(request)[META.logLevel])) return;
    this.#untold = undefined;
    this.#tell(text);
  }

  end(): void {
    this.#cancel();
  }
}
