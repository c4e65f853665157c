import { ActivityData, rfc3339 } from "../../api/index.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import type { Activity, ActivitySlice, Deps, VaultApp } from "../app-types.ts";

/** `sys/activity`: what this instance does now, and has done in the last hour and day. */
export function activity(app: VaultApp, { activity: look }: Pick<Deps, "activity">): void {
  const url = "/v1/sys/activity";
  app.get(url, {
    schema: describe({
      tag: "system",
      summary: "What this instance does now, and has done in the last hour and day",
      querystring: NoParameters,
      data: ActivityData,
    }),
    handler: async (_request, reply) => sendData(reply, activityData(await look())),
  });
}

function activityData({ gauges, due, hour, day, calls }: Activity): ActivityData {
  const { operations, refreshes, waiting, programs, paused, copy, moved } = gauges;
  return {
    ...(due && { due: Object.fromEntries(due) }),
    ...{ operations, refreshes, waiting, programs, servers_paused: paused, copy, moved },
    hour: hour.map(sliceData),
    day: day.map(sliceData),
    mcp_calls: calls.map((one) => ({ ...one })),
  };
}

function sliceData({ from, refreshed, failed, tasks, late, latest }: ActivitySlice): ActivityData["hour"][number] {
  const seconds = (value: number) => Math.round(value * 1000) / 1000;
  return {
    time: rfc3339(from),
    ...{ refreshed, failed, tasks },
    late_average: tasks === 0 ? 0 : seconds(late / tasks),
    late_most: seconds(latest),
  };
}
