import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { number, openStore, text } from "./store.ts";

function openTestStore() {
  const store = openStore(":memory:");
  store.exec("CREATE TABLE notes (name TEXT PRIMARY KEY) STRICT");
  const add = (name: string) => store.prepare("INSERT INTO notes VALUES (?)").run(name);
  const names = () =>
    store
      .prepare("SELECT name FROM notes ORDER BY name")
      .all()
      .map((row) => text(row, "name"));
  return { store, add, names };
}

it("commits the units of one turn together, once they are over", async () => {
  const { store, add, names } = openTestStore();
  store.write(() => add("a"));
  const first = store.committed();
  store.write(() => add("b"));
  expect(store.committed()).toBe(first);
  await first;
  expect(names()).toEqual(["a", "b"]);
  store.close();
});

it("undoes a unit that throws, and only that one", async () => {
  const { store, add, names } = openTestStore();
  store.write(() => add("kept"));
  expect(() =>
    store.write(() => {
      add("undone");
      throw new Error("no");
    }),
  ).toThrow("no");
  store.write(() => {
    add("outer");
    expect(() => store.write(() => add("outer"))).toThrow("UNIQUE");
  });
  await store.committed();
  expect(names()).toEqual(["kept", "outer"]);
  store.close();
});

it("has nothing to wait for when nothing was written", async () => {
  const { store } = openTestStore();
  await expect(store.committed()).resolves.toBeUndefined();
  const row = store.prepare("SELECT count(*) AS count FROM notes").get() ?? {};
  expect(number(row, "count")).toBe(0);
  store.close();
});

it("answers when what was written is on disk, and closes with all of it in one file", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "lava-store-"));
  const file = join(folder.path, "aws.db");
  const store = openStore(file);
  store.exec("CREATE TABLE notes (name TEXT PRIMARY KEY) STRICT");
  const add = (name: string) => store.prepare("INSERT INTO notes VALUES (?)").run(name);
  store.write(() => add("a"));
  const first = store.committed();
  await new Promise((resolve) => setImmediate(resolve));
  // The sync of the first one is under way: this one has the next.
  store.write(() => add("b"));
  const second = store.committed();
  expect(second).not.toBe(first);
  await Promise.all([first, second]);
  store.write(() => add("c"));
  store.close();
  using copy = new DatabaseSync(file, { readOnly: true });
  expect(copy.prepare("SELECT name FROM notes").all()).toHaveLength(3);
});

it("says before the disk has it what another program would find, should this one end", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "lava-store-"));
  const store = openStore(join(folder.path, "aws.db"));
  store.exec("CREATE TABLE notes (name TEXT PRIMARY KEY) STRICT");
  const order: string[] = [];

  store.write(() => store.prepare("INSERT INTO notes VALUES ('a')").run());
  const onDisk = store.committed().then(() => order.push("on disk"));
  await store.written();
  order.push(store.prepare("SELECT name FROM notes").all().length === 1 ? "written" : "lost");
  await onDisk;

  expect(order).toEqual(["written", "on disk"]);
  await expect(store.written()).resolves.toBeUndefined();
  store.close();
});
