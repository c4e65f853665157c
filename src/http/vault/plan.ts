import { ServerParameters, ServerPlanData, ServerTrialData, ServerUsesData } from "../../api/index.ts";
import type { TrialStep, TriedExchange } from "../../broker/server-trial.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { notFound } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { nameOf } from "../input/names.ts";
import type { MountRoutes } from "./mount-routes.ts";
import { serverInput, wireName } from "./servers.ts";

const TAG = "servers";

/** `plan/servers/:name`: what a write or a delete of a server would do, for those who declare servers in a file. */
export function plan(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/plan/servers/*`;
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: TAG,
      summary: "Say what a write of a server would change; nothing is written",
      body: ServerParameters,
      data: ServerPlanData,
    }),
    handler: async (request, reply) => {
      const { action, changes } = await broker.planServer(
        at.place(request),
        nameOf(request),
        serverInput(request.body.value),
      );
      return sendData(reply, { action, changes: changes.map(wireName) });
    },
  });
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "Count what a delete of a server would leave without one",
      querystring: NoParameters,
      data: ServerUsesData,
    }),
    handler: async (request, reply) => {
      const uses = await broker.usesOfServer(at.place(request), nameOf(request));
      if (!uses) throw notFound();
      return sendData(reply, uses);
    },
  });
}

/** `check/servers/:name`: the answer that a write would get, for those who look for what is in its way. */
export function check(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/check/servers/*`;
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: TAG,
      summary: "Say whether a server could be written; it is asked, and nothing is written",
      body: ServerParameters,
      empty: true,
    }),
    handler: async (request, reply) => {
      return sendDone(
        reply,
        await broker.checkServer(at.place(request), nameOf(request), serverInput(request.body.value)),
      );
    },
  });
}

/** `try/servers/:name`: each step of a connection with what was asked and what came, for those who look for what is wrong with it. */
export function trial(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/try/servers/*`;
  app.route({
    method: WRITE,
    url,
    schema: describe({
      tag: TAG,
      summary:
        "Try the connection to a server, step by step: as given, or without a provider as stored; nothing is written",
      body: ServerParameters,
      data: ServerTrialData,
    }),
    handler: async (request, reply) => {
      const steps = await broker.tryServer(at.place(request), nameOf(request), serverInput(request.body.value));
      if (!steps) throw notFound();
      return sendData(reply, { steps: steps.map(stepData) });
    },
  });
}

function stepData({ exchanges, ...step }: TrialStep): ServerTrialData["steps"][number] {
  return { ...step, exchanges: exchanges.map(exchangeData) };
}

function exchangeData({ answer, ...sent }: TriedExchange) {
  if (!answer) return sent;
  const { isCut, ...came } = answer;
  return { ...sent, answer: { ...came, is_cut: isCut } };
}
