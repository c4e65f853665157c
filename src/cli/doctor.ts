import { existsSync, statSync } from "node:fs";
import type { Command } from "commander";
import { systemClock } from "../clock.ts";
import { presentAgent } from "./agent/agent-socket.ts";
import { brokerAddress, connectionTo, OWN } from "./broker/broker.ts";
import { define, run } from "./command.ts";
import { environment } from "./environment.ts";
import { failureOf } from "./fail.ts";
import { sessionsPath } from "./files/sessions-file.ts";
import { settingsPath } from "./files/settings-file.ts";
import { findBrowser, thisMachine } from "./terminal/browser.ts";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
  readonly cure?: string;
}

/** Tokens are judged by seconds; brokers and programs should agree within this. Seconds. */
const LARGEST_SKEW_S = 2;

export function doctorCommand(): Command {
  return define("doctor", "Look for what may be wrong here; exit code 1 if something is.", [
    ["coatcheck doctor", ""],
  ]).action(
    run(async (out, _args, { addr }) => {
      const findings = [...(await brokerFindings(addr)), ...fileFindings(), agentFinding(), browserFinding()];
      for (const { check, ok, text, cure } of findings) {
        const mark = ok ? out.resultStyle("green", "✓ ok  ") : out.resultStyle("red", "✗ wrong");
        const line = `${mark} ${check.padEnd(10)}${text}${cure === undefined ? "" : `; ${cure}`}`;
        out.result(line, { check, ok, text, ...(cure !== undefined && { cure }) });
      }
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    }),
  );
}

async function brokerFindings(flag: string | undefined): Promise<readonly Finding[]> {
  const address = brokerAddress(flag);
  const name = address === OWN ? "your own broker" : address;
  try {
    const { broker, fetch = globalThis.fetch } = await connectionTo(address);
    const from = systemClock.wall();
    const response = await fetch.call(globalThis, new URL("v1/sys/health", broker), {
      signal: AbortSignal.timeout(5_000),
    });
    const took = systemClock.wall() - from;
    const { server_time_utc } = (await response.json()) as { readonly server_time_utc?: number };
    const reached = {
      check: "broker",
      ok: response.ok,
      text: `${name} answers with status ${response.status} in ${took} ms`,
    };
    return [reached, tlsFinding(address), ...skewFinding(server_time_utc, from + took / 2)];
  } catch (error) {
    const cure =
      address === OWN ? "see broker.log in its data folder" : "check COATCHECK_ADDR, the network and the certificate";
    return [{ check: "broker", ok: false, text: `${name}: ${causeOf(error)}`, cure }];
  }
}

/** What the platform says of a connection hides behind "fetch failed". */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof Error ? cause.message : failureOf(error).message;
}

function tlsFinding(address: string): Finding {
  const url = URL.parse(address);
  const isPlain = url?.protocol === "http:" && !/^(localhost|127\..*|\[::1\])$/.test(url.hostname);
  if (!isPlain) return { check: "way", ok: true, text: "nobody in between reads along" };
  return { check: "way", ok: false, text: `${address} is plain http`, cure: "give the broker an https address" };
}

function skewFinding(serverSeconds: number | undefined, middle: number): readonly Finding[] {
  if (serverSeconds === undefined) return [];
  // It tells whole seconds.
  const skew = Math.abs(middle / 1_000 - serverSeconds - 0.5) - 0.5;
  const text = `the broker's clock differs by ${Math.max(0, skew).toFixed(1)} s`;
  const ok = skew <= LARGEST_SKEW_S;
  return [{ check: "clock", ok, text, ...(!ok && { cure: "let both follow a time server" }) }];
}

function fileFindings(): readonly Finding[] {
  return [settingsPath(), sessionsPath()].filter(existsSync).map((path) => {
    const mode = statSync(path).mode & 0o777;
    const ok = process.platform === "win32" || (mode & 0o077) === 0;
    const text = `${path} has mode ${mode.toString(8)}`;
    return { check: "file", ok, text, ...(!ok && { cure: `run chmod 600 ${path}` }) };
  });
}

function agentFinding(): Finding {
  const socket = presentAgent();
  return { check: "agent", ok: true, text: socket === undefined ? "none runs" : `listens at ${socket}` };
}

function browserFinding(): Finding {
  const browser = findBrowser(thisMachine());
  const why = environment.SSH_CONNECTION ? "none here (SSH): " : "none here: ";
  const text = browser ? `${browser.program} would be used` : `${why}logins show a code, which needs none`;
  return { check: "browser", ok: true, text };
}
