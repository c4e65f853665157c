import type { TestContext } from "node:test";
import { accountOf } from "../../src/cli/connect/held-session.ts";
import { DEMO, demoSteps, pageSteps } from "../../src/cli/serve/demo-guide.ts";
import { start } from "../../src/client/index.ts";
import { type Demo, type DemoStep, introduce } from "../../src/compose/demo.ts";
import { demoRecord } from "../../src/dev/demo-record.ts";
import { startDemoServer } from "../../src/dev/demo-server.ts";
import { BIN } from "./bin.ts";
import { type Coatcheck, startCoatcheck } from "./coatcheck.ts";
import { eventually } from "./eventually.ts";
import { decide } from "./person/decide.ts";
import { keepLogin } from "./person/kept-login.ts";
import { type Person, person } from "./person/person.ts";

export interface DemoStage extends Coatcheck {
  /** The address of the demo server. */
  readonly issuer: string;
  /** What a newcomer is shown in the terminal; the start page has the same without a root token that is secret. */
  readonly steps: readonly DemoStep[];
  /** Somebody whose commands reach the broker. */
  readonly person: Person;
  /** Whether an access token is good at the provider: neither revoked nor expired. */
  isGood(token: string): Promise<boolean>;
  /** A person at the demo's pages decides, and the broker polls. */
  decide(text: string, answer?: "allow" | "deny"): Promise<void>;
}

/** The demo provider with somebody signed in there, a broker that lets programs in, and a person with the command line. */
export async function startDemoStage(t: TestContext, ttl: Readonly<Record<string, number>> = {}): Promise<DemoStage> {
  const demo = await startDemoServer({ person: "octavia", ttl });
  t.after(() => demo.close());
  let shown: Demo | undefined;
  const coatcheck = await startCoatcheck(t, { development: { demo: () => shown } });
  const { issuer, publicClientId: clientId } = demo;
  await introduce(coatcheck.running.broker, DEMO, demoRecord(issuer, clientId));
  const { address, rootToken } = coatcheck.running;
  const guided = { address, rootToken, issuer, clientId, command: [process.execPath, BIN] };
  const steps = demoSteps(guided);
  shown = { server: DEMO, steps: pageSteps(guided) };
  const someone = person(t, { COATCHECK_ADDR: coatcheck.running.address });
  return {
    ...coatcheck,
    issuer,
    steps,
    person: someone,
    isGood: async (token) => (await demo.provider.AccessToken.find(token.trim())) !== undefined,
    decide: async (text, answer = "allow") => {
      const [, code] = /([A-Z]{4}-[A-Z]{4})/.exec(text) ?? [];
      await decide(`${demo.issuer}/device?user_code=${code}`, answer);
      await coatcheck.pass(6_000);
    },
  };
}

/** Somebody who has signed in: with what `login` leaves behind, without a process for it. */
export async function signedIn(
  t: TestContext,
  name = "demo",
  scopes = "offline_access notes:read",
  ttl: Readonly<Record<string, number>> = {},
): Promise<DemoStage> {
  const stage = await startDemoStage(t, ttl);
  const login = {
    broker: stage.running.address,
    server: DEMO,
    scopes: scopes.split(" "),
    label: `${name} on this machine`,
  };
  const { session, id, prompt } = await start(login);
  await stage.decide(prompt.userCode);
  const state = await session.status();
  if (state.status !== "active") throw new Error(`the login is ${state.status}`);
  const who = { account: accountOf(state), subject: state.account?.subject };
  keepLogin(String(stage.person.env.XDG_STATE_HOME), name, { ...login, session: session.id, id, ...who });
  return stage;
}

/** Somebody signs in by the command line. */
export async function signIn(stage: DemoStage, name: string, scopes: string): Promise<void> {
  const login = stage.person.start(["login", "demo", "--name", name, "--scopes", scopes]);
  await eventually("a code", async () => {
    await new Promise((next) => setTimeout(next, 20));
    return /Code: /.test(login.stderr());
  });
  await stage.decide(login.stderr());
  const code = await login.ended;
  if (code !== 0) throw new Error(login.stderr());
}
