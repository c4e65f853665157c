import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

let collect: Collect | undefined;

/**
 * Gives the system back what V8 keeps of a heap that was once larger. V8 never does so by itself while anything goes on: after
 * 10,000 connections 350 MiB stayed of what is 165 afterwards. Nothing else happens for about 0.1 s.
 */
export function giveMemoryBack(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as Collect;
  }
  collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
