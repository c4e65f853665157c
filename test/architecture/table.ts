import { matchesGlob } from "node:path";

/**
 * A row of the import tables in ARCHITECTURE.md. In a table of "Room" it names a folder of src, or the files in its
 * brackets. In a table of "Room of X, in order" it names folders or files of X, and may import the rows above it as well.
 */
export interface Room {
  /** `broker`, `broker/record`. */
  readonly name: string;
  /** The room that this one is a part of; what that may import, its parts may. */
  readonly whole: string | undefined;
  /** From src. A folder ends with a slash; `*` stands for a part of a name. */
  readonly files: readonly string[];
  /** Rooms; a room with parts stands for all of them, "everything" for all rooms. */
  readonly imports: readonly string[];
  /** Rows above it in an ordered table. */
  readonly above: readonly string[];
  /** Packages and built-ins. */
  readonly uses: readonly string[];
  /** Written `commands/*`: not even a file of the same room is imported. */
  readonly isEachAlone: boolean;
}

export function readTables(markdown: string): readonly Room[] {
  const rooms = markdown.split(/\n(?!\|)/).flatMap(readTable);
  const names = new Set(rooms.map(({ name }) => name));
  return rooms.map((room) => {
    const known = (name: string) => (names.has(`${room.whole}/${name}`) ? `${room.whole}/${name}` : name);
    return { ...room, imports: room.imports.map(known) };
  });
}

function readTable(block: string): readonly Room[] {
  const [head = "", , ...rows] = block.trim().split("\n");
  const [isTable, whole] = /^\| Room(?: of (\w+), in order)? \|/.exec(head) ?? [];
  if (!isTable) return [];
  const rooms = rows.map((row) => readRow(row, whole));
  if (!whole) return rooms;
  return rooms.map((room, index) => ({ ...room, above: rooms.slice(0, index).map(({ name }) => name) }));
}

function readRow(row: string, whole: string | undefined): Room {
  const [room = "", imports = "", uses = ""] = row.replaceAll("`", "").split("|").slice(1);
  const [, label = "", files] = /^\s*([^\s(]*)\s*(?:\((.*)\))?\s*$/.exec(room) ?? [];
  const name = label.replace(/\/\*$/, "");
  const from = whole ? `${whole}/` : "";
  return {
    name: from + name,
    whole,
    files: (files ? list(files) : [`${name}/`]).map((file) => from + file),
    imports: list(imports),
    above: [],
    uses: list(uses),
    isEachAlone: label !== name,
  };
}

function list(cell: string): readonly string[] {
  const names = cell.split(",").map((name) => name.trim());
  return names.filter((name) => name !== "" && name !== "—");
}

/** The room whose row names a file most closely; none when only the whole does, and has parts. */
export function roomOf(rooms: readonly Room[], path: string): Room | undefined {
  const fits = rooms.flatMap((room) => room.files.filter((file) => holds(file, path)).map((file) => ({ room, file })));
  const [best] = fits.sort((a, b) => b.file.length - a.file.length);
  return rooms.some(({ whole }) => whole === best?.room.name) ? undefined : best?.room;
}

function holds(file: string, path: string): boolean {
  return file.endsWith("/") ? path.startsWith(`src/${file}`) : matchesGlob(path, `src/${file}`);
}

/** What lets `from` import `to`: a row above, or a name of its row or of its whole's. */
export function permission(rooms: readonly Room[], from: Room, to: Room): string | undefined {
  const whole = rooms.find(({ name }) => name === from.whole);
  const names = [...from.above, ...from.imports, ...(whole?.imports ?? [])];
  return names.find((name) => name === "everything" || name === to.name || name === to.whole);
}
