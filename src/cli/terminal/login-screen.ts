import { systemClock } from "../../process/clock.ts";
import type { Output } from "../frame/output.ts";
import { clockText } from "./duration.ts";
import { qrCode, terminalRoom } from "./qr-code.ts";

/** What the login is, for the person. */
interface ShownLogin {
  readonly server: string;
  readonly name: string;
  readonly host: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  /** Of a login whose browser comes back to this machine: then there is no code. */
  readonly redirectUri?: string;
  /** For whoever has no browser here. */
  readonly wayBack?: readonly string[];
  /** Why the address is not opened from here. */
  readonly warning?: string;
  /** Seconds. */
  readonly expiresIn: number;
}

interface ScreenOptions {
  readonly qr: "blocks" | "ascii" | "none";
  /** Key → what it does, as it is said. */
  readonly keys: string;
}

export interface LoginScreen {
  /** Code and address: always, and again whenever something may have covered them. */
  show(): void;
  /** A line for the person, below what is shown; the spinner goes on under it. */
  say(line: string): void;
  warn(line: string): void;
  /** So many seconds are left. */
  waiting(expiresIn: number): void;
  close(): void;
}

/** Rows that are taken by everything but the QR code. */
const OTHER_ROWS = 7;

/** Plain lines are few: who reads them later counts them. Seconds. */
const REMINDER_S = 25;

/** Columns before an address. */
const LABEL = 9;

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;

export function createLoginScreen(out: Output, shown: ShownLogin, options: ScreenOptions): LoginScreen {
  const spinner = out.plain ? undefined : createSpinner(shown.expiresIn, options.keys);
  const say = (line: string) => {
    spinner?.clear();
    out.note(line);
  };
  let told = Number.POSITIVE_INFINITY;
  return {
    show: () => {
      out.note(promptLines(out, shown));
      out.draw(qrLines(out, shown, options));
      spinner?.start();
    },
    say,
    warn: (line) => say(`${out.style("yellow", "warning:")} ${line}`),
    waiting: (expiresIn) => {
      if (spinner) return spinner.left(expiresIn);
      if (told - expiresIn < REMINDER_S) return;
      const isFirst = told === Number.POSITIVE_INFINITY;
      out.note(
        isFirst
          ? "Waiting for approval"
          : `Still waiting; the ${shown.redirectUri === undefined ? "code" : "address"} expires in ${clockText(expiresIn)}`,
      );
      told = expiresIn;
    },
    close: () => spinner?.stop(),
  };
}

/** XD-10. */
export const DID_NOT_START = "  If you did not start this, do not enter the code.";

/** What is opened is at the provider itself, and leads back here. */
function addressLines(out: Output, { server, name, host, verificationUri, expiresIn, wayBack = [] }: ShownLogin) {
  return [
    `${out.style("bold", "!")} Sign in to ${server} for "${name}" (asked by ${host}); expires in ${clockText(expiresIn)}`,
    `  Open:  ${out.style("cyan", out.link(verificationUri))}`,
    "  If you did not start this, do not open it.",
    ...wayBack,
  ];
}

function promptLines(out: Output, shown: ShownLogin): readonly string[] {
  if (shown.redirectUri !== undefined) return addressLines(out, shown);
  const { server, name, host, userCode, verificationUri, verificationUriComplete, warning, expiresIn } = shown;
  // XD-13: a page that only a person can judge is nothing to click.
  const link = (address: string) => out.style("cyan", warning === undefined ? out.link(address) : address);
  const isMore = verificationUriComplete !== undefined && verificationUriComplete !== verificationUri;
  const whole = isMore && warning === undefined ? [`  Link:  ${link(verificationUriComplete)}`] : [];
  return [
    `${out.style("bold", "!")} Sign in to ${server} for "${name}" (asked by ${host})`,
    `  Open:  ${link(verificationUri)}`,
    `  Code:  ${out.style("bold", userCode)}          expires in ${clockText(expiresIn)}`,
    ...whole,
    DID_NOT_START,
    ...(warning === undefined
      ? []
      : [`${out.style("yellow", "warning:")} ${warning}; the page is not opened automatically`]),
  ];
}

function qrLines(out: Output, shown: ShownLogin, { qr }: ScreenOptions): readonly string[] {
  // CLI-4; and a page that only a person can judge is not put before a phone.
  if (out.plain || !out.interactive || qr === "none" || shown.warning !== undefined) return [];
  // A phone is another machine: it could not come back.
  if (shown.redirectUri !== undefined) return [];
  const address = shown.verificationUriComplete ?? shown.verificationUri;
  const { columns, rows } = terminalRoom();
  // An address that is longer than a line takes the rows of the picture.
  const wrapped = [shown.verificationUri, address].map((text) => Math.floor((LABEL + text.length) / columns));
  return qrCode(address, qr, { columns, rows: rows - OTHER_ROWS - wrapped.reduce((sum, more) => sum + more, 0) });
}

/** One line that is drawn over, with the time that is left. */
function createSpinner(expiresIn: number, keys: string) {
  const end = { at: performance.now() + expiresIn * 1_000 };
  let frame = 0;
  let cancel = () => {};
  const clear = () => void process.stderr.write("\r\x1b[K");
  const draw = () => {
    const left = clockText((end.at - performance.now()) / 1_000);
    const line = `${FRAMES[frame++ % FRAMES.length]} Waiting, ${left} left (${keys})`;
    process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    cancel = systemClock.after(FRAME_MS, draw);
  };
  return {
    start: () => {
      cancel();
      draw();
    },
    clear,
    left: (seconds: number) => {
      end.at = performance.now() + seconds * 1_000;
    },
    stop: () => {
      cancel();
      clear();
    },
  };
}
