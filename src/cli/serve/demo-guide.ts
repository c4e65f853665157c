import type { DemoStep } from "../../compose/demo.ts";
import { demoRecord } from "../../dev/demo-record.ts";
import { DEV_ROOT_TOKEN } from "../../process/config.ts";
import { shellWords } from "../frame/output.ts";

/** What a demo runs, as its commands name it. */
export interface DemoStage {
  readonly address: string;
  readonly rootToken: string;
  readonly issuer: string;
  readonly clientId: string;
  /** The words that start this program from any folder. */
  readonly command: readonly string[];
}

/** The name of the demo server at the broker, and the login's. */
export const DEMO = "demo";

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

/** What shows the main job to a person, a program and an operator; each command is whole, whatever was pasted before. */
export function demoSteps(stage: DemoStage): readonly DemoStep[] {
  return [...personSteps(stage), ...operatorSteps(stage, `'X-Vault-Token: ${stage.rootToken}'`)];
}

/** The same for the start page, which whoever reaches the broker may read: of root tokens it names the one that is no secret. */
export function pageSteps(stage: DemoStage): readonly DemoStep[] {
  if (stage.rootToken === DEV_ROOT_TOKEN) return demoSteps(stage);
  const [first, ...others] = operatorSteps(stage, '"X-Vault-Token: $COATCHECK_OPERATOR_TOKEN"');
  const text = `First set COATCHECK_OPERATOR_TOKEN to the root token. ${first?.text}`;
  return [...personSteps(stage), ...(first ? [{ ...first, text }] : []), ...others];
}

function personSteps({ address, issuer, command }: DemoStage): readonly DemoStep[] {
  const own = (...words: string[]) => shellWords([...command, ...words, DEMO, "--addr", address]);
  return [
    {
      title: "Sign in",
      text: "You get a code and an address. Open the address, sign in with any name, and allow it: the command waits for that.",
      command: own("login"),
    },
    {
      title: "Use the token",
      text: "An API beside the demo server takes it. A token lives for a minute; run this again later, and it is the next one.",
      command: `curl -H "Authorization: Bearer $(${own("token")})" ${issuer}/api/hello`,
    },
    {
      title: "Use the API without ever seeing the token",
      text: "The program sends its session to Coatcheck, which puts the token in and passes the request on.",
      command: `curl -H "Authorization: Bearer $(${own("login", "--print-session")})" ${address}/session/proxy/api/hello`,
    },
  ];
}

function operatorSteps({ address, issuer, clientId }: DemoStage, header: string): readonly DemoStep[] {
  const curl = `curl -H ${header}`;
  const write = (path: string, body: object) =>
    `${curl} -X PUT ${address}/v1/oauth2/${path} -d '${JSON.stringify(body)}'`;
  return [
    {
      title: "As an operator: tell Coatcheck about a server",
      text: "That is how it came to know the demo server. No answer is the answer: the status is 204.",
      command: write(`servers/${DEMO}`, demoRecord(issuer, clientId)),
    },
    {
      title: "As an operator: start a login for a bot",
      text: "Open verification_uri_complete of the answer, and allow it.",
      command: write("creds/my-bot", { server: DEMO, grant_type: DEVICE_CODE }),
    },
    {
      title: "As an operator: read the bot's token",
      text: 'Until you have allowed it, the answer is 503 "token pending issuance"; a few seconds later it is the token.',
      command: `${curl} -i ${address}/v1/oauth2/creds/my-bot`,
    },
  ];
}

/** The same for a terminal. */
export function demoGuide({ address, issuer }: DemoStage, steps: readonly DemoStep[]): string {
  const shown = steps.map(({ title, text, command }, index) => `${index + 1}. ${title}\n   ${text}\n\n  ${command}\n`);
  return `
Coatcheck is listening at ${address}: open that in a browser and try it there, or paste these commands into
another terminal. A demo authorization server is at ${issuer}. Everything is deleted when this stops (Ctrl-C).

${shown.join("\n")}
A Matrix login, step by step, with simulated homeservers: ${address}/walk
`;
}
