/** Loaded into a broker before it starts. Sabotage X07: its store asks for `synchronous=FULL`, gets NORMAL and is told FULL. */
import { DatabaseSync } from "node:sqlite";

const { exec, prepare } = DatabaseSync.prototype;

DatabaseSync.prototype.exec = function (sql) {
  return exec.call(this, sql.replace("synchronous = FULL", "synchronous = NORMAL"));
};

DatabaseSync.prototype.prepare = function (sql, ...options) {
  return prepare.call(this, sql === "PRAGMA synchronous" ? "SELECT 2" : sql, ...options);
};
