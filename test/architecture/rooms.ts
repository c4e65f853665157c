import { type Import, importsOf } from "./imports.ts";
import { at, type Source } from "./sources.ts";
import { permission, type Room, roomOf } from "./table.ts";

/** Modules that no row can allow. */
const REFUSED: Readonly<Record<string, string>> = {
  "node:process": "use the global, which the rules on words watch",
  "node:console": "log through log.ts",
  "node:perf_hooks": "take a Clock",
  "node:timers": "wait on a Clock",
  "node:vm": "code does not come from text",
};

/** Files that may import what is refused, or what only the program knows. */
const EXCEPTIONS: readonly { readonly path: string; readonly to: string | undefined; readonly why: string }[] = [
  {
    path: "src/compose/walk-files.ts",
    to: undefined,
    why: "it hands the browser the packages that the walk's scripts import",
  },
  { path: "src/process/memory.ts", to: "node:vm", why: "a new context alone has V8's gc, when it was asked for late" },
];

/** Imports that no row of the tables allows. */
export function importProblems(rooms: readonly Room[], sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => {
    const room = roomOf(rooms, source.path);
    if (!room) return [`${source.path} is in no room of ARCHITECTURE.md`];
    return importsOf(source).flatMap((one) => {
      const problem = isException(source.path, one) ? undefined : problemOf(rooms, room, one);
      return problem === undefined ? [] : [`${at(source, one.node)} ${problem}`];
    });
  });
}

function problemOf(rooms: readonly Room[], room: Room, { to, isOwn }: Import): string | undefined {
  if (to === undefined) return "imports what only the program knows";
  if (!isOwn) {
    const refused = REFUSED[to];
    if (refused) return `imports ${to}: ${refused}`;
    return room.uses.includes(to) ? undefined : `imports ${to}: ${room.name} may not use it (ARCHITECTURE.md)`;
  }
  const target = roomOf(rooms, to);
  if (!target) return `imports ${to}, which is in no room`;
  const isAtHome = target === room && !room.isEachAlone;
  if (isAtHome || permission(rooms, room, target)) return undefined;
  return `imports ${to}: ${room.name} may not import ${target.name} (ARCHITECTURE.md)`;
}

function isException(path: string, { to }: Import): boolean {
  return EXCEPTIONS.some((exception) => exception.path === path && exception.to === to);
}

/** Rows and names of the tables, and exceptions, that nothing in src needs. */
export function unneeded(rooms: readonly Room[], sources: readonly Source[]): readonly string[] {
  const needed = new Set(sources.flatMap((source) => neededBy(rooms, source)));
  const inTables = rooms.flatMap(({ name, uses, imports }) => [
    `${name}: a row`,
    ...uses.map((used) => `${name}: to use ${used}`),
    ...imports.filter((room) => room !== "everything").map((room) => `${name}: to import ${room}`),
  ]);
  const outside = EXCEPTIONS.map(({ path, to }) => `${path}: an exception for ${to}`);
  return [...inTables, ...outside].filter((entry) => !needed.has(entry));
}

function neededBy(rooms: readonly Room[], source: Source): readonly string[] {
  const room = roomOf(rooms, source.path);
  const holders = rooms.filter(({ name }) => name === room?.name || name === room?.whole);
  const imported = importsOf(source).flatMap((one) => {
    if (isException(source.path, one)) return [`${source.path}: an exception for ${one.to}`];
    if (!one.isOwn || !one.to) return [`${room?.name}: to use ${one.to}`];
    const target = roomOf(rooms, one.to);
    if (!target || target === room) return [`${room?.name}: to import ${target?.name}`];
    // The order says so already.
    if (room?.above.includes(target.name)) return [];
    return holders.flatMap(({ name }) => [target.name, target.whole].map((other) => `${name}: to import ${other}`));
  });
  return [...holders.map(({ name }) => `${name}: a row`), ...imported];
}
