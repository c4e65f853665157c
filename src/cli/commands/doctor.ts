import { existsSync, statSync } from "node:fs";
import type { Command } from "commander";
import { systemClock } from "../../process/clock.ts";
import { probeFolder } from "../../process/make-folder.ts";
import { presentAgent } from "../agent/agent-socket.ts";
import { brokerAddress, connectionTo, OWN } from "../connect/broker.ts";
import { loginsAt, namedBroker } from "../connect/find-login.ts";
import { define, run } from "../frame/command.ts";
import { environment } from "../frame/environment.ts";
import { EXIT, failureOf, fileTrouble } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { configFolder, stateFolder } from "../kept/folders.ts";
import { FORBIDDEN } from "../kept/private-file.ts";
import { readSessions, sessionsPath } from "../kept/sessions-file.ts";
import { readSettings, settingsPath } from "../kept/settings-file.ts";
import { type Finding, namedFindings, serverFindings } from "../operate/server-findings.ts";
import { findBrowser, thisMachine } from "../terminal/browser.ts";

/** Tokens are judged by seconds; brokers and programs should agree within this. Seconds. */
const LARGEST_SKEW_S = 2;

/** Longer than any healthy broker takes to say how it is. Milliseconds. */
const PATIENCE_MS = 5_000;

export function doctorCommand(): Command {
  return define("doctor", "Check this machine and the broker for problems. The exit code is 1 if there are any.", [
    ["coatcheck doctor", ""],
    ["coatcheck doctor --addr https://broker.example.com", "check another broker"],
    ["coatcheck doctor example.org", "also check what is in the way of coatcheck login example.org"],
  ])
    .argument("[server]", "a homeserver, the URL of an MCP server, or a server of the broker")
    .action(
      run(async (out, [server], { addr }) => {
        const servers = server === undefined ? await serverFindings(addr) : await namedFindings(server, addr);
        const ofBroker = [...(await brokerFindings(addr)), ...choiceFindings(addr), ...servers];
        const findings = [...ofBroker, ...fileFindings(), agentFinding(), browserFinding()];
        for (const finding of findings) {
          const { check, ok, text } = finding;
          const mark = ok ? out.resultStyle("green", "✓ ok  ") : out.resultStyle("red", "✗ error");
          out.result(`${mark} ${check.padEnd(10)}${text}${ok ? "" : `; ${finding.cure}`}`, finding);
        }
        if (findings.some(({ ok }) => !ok)) process.exitCode = EXIT.failure;
      }),
    );
}

async function brokerFindings(addr: string | undefined): Promise<readonly Finding[]> {
  let name = "the broker";
  try {
    const address = brokerAddress(addr);
    const by = addr === undefined ? environment().COATCHECK_ADDR && " (set by COATCHECK_ADDR)" : " (set by --addr)";
    name = `${address === OWN ? "your own broker" : address}${by ?? ""}`;
    const { broker, fetch = globalThis.fetch } = await connectionTo(address);
    const from = systemClock.wall();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch.call(globalThis, new URL("v1/sys/health", broker), { signal });
    const took = systemClock.wall() - from;
    const health = (await response.json().catch(() => undefined)) as Health | undefined;
    return [answerFinding(name, response, health, took), wayFinding(address), ...skewFinding(health, from + took / 2)];
  } catch (error) {
    return [{ check: "broker", ok: false, ...troubleOf(name, error) }];
  }
}

/** Which broker was looked at is not always the one that is meant: a variable goes before what is kept, and its logins alone are used. */
function choiceFindings(flag: string | undefined): readonly Finding[] {
  const named = namedBroker(flag);
  if (!named) return [];
  try {
    const sessions = readSessions();
    const others = Object.keys(sessions).length - Object.keys(loginsAt(sessions, named)).length;
    const text = `${named.by} names ${named.address}: ${others === 1 ? "one login is at another broker and is" : `${others} logins are at other brokers and are`} not used (coatcheck list)`;
    return others === 0 ? [] : [{ check: "logins", ok: true, text }];
  } catch {
    // A file that cannot be read is a finding of its own.
    return [];
  }
}

interface Health {
  readonly server_time_utc?: number;
}

function answerFinding(name: string, { ok, status }: Response, health: Health | undefined, took: number): Finding {
  const text = `${name} answered with status ${status} in ${took} ms`;
  if (health === undefined)
    return { check: "broker", ok: false, text, cure: "this is not a broker: check the address" };
  // Vault's: a standby; here a restored copy, or data that were moved.
  if (status === 429)
    return {
      check: "broker",
      ok: false,
      text,
      cure: "this broker holds a restored copy, or its data have been moved: see docs/operations.md",
    };
  return ok
    ? { check: "broker", ok, text }
    : { check: "broker", ok, text, cure: "see the broker's log for the reason" };
}

/** System's or OpenSSL's code → what to do. */
const CURES: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, "start the broker, or check its address (COATCHECK_ADDR)"],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "check the name in the address (COATCHECK_ADDR) and the network"],
  [/^CERT_HAS_EXPIRED$/, "the broker's operator must renew its certificate"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "use the host name in its certificate"],
  [
    /SELF_SIGNED|CERT|UNABLE_TO/,
    "trust the authority that signed its certificate: --ca-file FILE (COATCHECK_CA_FILE), or NODE_EXTRA_CA_CERTS=FILE",
  ],
];

/** What the platform says of a connection hides behind "fetch failed"; our own errors name their cure. */
function troubleOf(name: string, error: unknown): { readonly text: string; readonly cure: string } {
  const trouble = fileTrouble(error);
  if (trouble) return { text: `${name}: ${trouble.what} cannot be used`, cure: trouble.cure };
  const failure = failureOf(error);
  // One that says to run this command has said all it knows.
  if (failure.next?.[1] === "doctor") return { text: failure.message, cure: "see what follows" };
  if (failure.next) return { text: failure.message, cure: `run ${shellWords(failure.next)}` };
  if (failure.exit === EXIT.usage) return { text: failure.message, cure: "set it with --addr or COATCHECK_ADDR" };
  const { cause } = error as { readonly cause?: unknown };
  const { message, code = "" } = (cause instanceof Error ? cause : error) as Error & { readonly code?: string };
  const cure = CURES.find(([pattern]) => pattern.test(String(code)))?.[1] ?? "check its address and the network";
  return { text: `${name}: ${message}`, cure };
}

/** Whether somebody between here and there could read along. */
function wayFinding(address: string): Finding {
  const url = URL.parse(address);
  if (url?.protocol === "https:") return { check: "transport", ok: true, text: "encrypted" };
  if (url?.protocol !== "http:" || /^(localhost|127\..*|\[::1\])$/.test(url.hostname)) {
    return { check: "transport", ok: true, text: "does not leave this machine" };
  }
  return {
    check: "transport",
    ok: false,
    text: `${address} is not encrypted (plain http)`,
    cure: "use an https address for the broker",
  };
}

function skewFinding(health: Health | undefined, middle: number): readonly Finding[] {
  if (health?.server_time_utc === undefined) return [];
  // It tells whole seconds.
  const skew = Math.max(0, Math.abs(middle / 1_000 - health.server_time_utc - 0.5) - 0.5);
  const text = `the broker's clock differs by ${(Math.floor(skew * 10) / 10).toFixed(1)} s`;
  if (skew <= LARGEST_SKEW_S) return [{ check: "clock", ok: true, text }];
  return [{ check: "clock", ok: false, text, cure: "synchronize both clocks with a time server" }];
}

function fileFindings(): readonly Finding[] {
  return [
    ...writeFindings(),
    ...modeFinding("folder", stateFolder(), { forbidden: FORBIDDEN.secret, cure: "700" }),
    ...modeFinding("file", settingsPath(), { forbidden: FORBIDDEN.settings, cure: "go-w", read: readSettings }),
    ...modeFinding("file", sessionsPath(), { forbidden: FORBIDDEN.secret, cure: "600", read: readSessions }),
  ];
}

/** A full disk or a read-only home shows nowhere else before it costs something. */
function writeFindings(): readonly Finding[] {
  const findings = [stateFolder(), configFolder()].map((folder): Finding => {
    try {
      probeFolder(folder);
      return { check: "writable", ok: true, text: folder };
    } catch (error) {
      const { what, cure } = fileTrouble(error) ?? { what: folder, cure: failureOf(error).message };
      return { check: "writable", ok: false, text: `${what} cannot be written`, cure };
    }
  });
  return findings.filter(({ ok, text }, index) => !ok || index === 0 || text !== findings[0]?.text);
}

interface Checked {
  /** Bits of its mode. */
  readonly forbidden: number;
  /** For chmod. */
  readonly cure: string;
  readonly read?: () => unknown;
}

/** Nobody else may read or change it, and it must make sense. */
function modeFinding(check: string, path: string, { forbidden, cure, read }: Checked): readonly Finding[] {
  if (!existsSync(path)) return [];
  const mode = statSync(path).mode & 0o777;
  const text = `${path} has mode ${mode.toString(8)}`;
  if (process.platform !== "win32" && (mode & forbidden) !== 0) {
    return [{ check, ok: false, text, cure: `run chmod ${cure} ${shellWords([path])}` }];
  }
  try {
    read?.();
    return [{ check, ok: true, text }];
  } catch (error) {
    return [{ check, ok: false, text: failureOf(error).message, cure: `correct ${path}, or move it away` }];
  }
}

function agentFinding(): Finding {
  const socket = presentAgent();
  return { check: "agent", ok: true, text: socket === undefined ? "not running" : `listening at ${socket}` };
}

function browserFinding(): Finding {
  const browser = findBrowser(thisMachine());
  const why = environment().SSH_CONNECTION ? "none on this machine (SSH): " : "none on this machine: ";
  const text = browser ? `${browser.program} will be used` : `${why}logins show a code to enter on any device`;
  return { check: "browser", ok: true, text };
}
