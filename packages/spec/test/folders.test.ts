import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import {
  actionParameters,
  actionTypes,
  connectionFields,
  connectionTypes,
  jobParameters,
  jobTypes,
} from "../src/index.ts";

/** Files of these folders that define no type. */
const SHARED = /(?:-type|-fields|host-config|foreach-source|no-payload|index)(?:\.test)?\.ts$/;

const tables: [
  string,
  Record<string, { type: string; summary: string }>,
  Record<string, unknown>,
][] = [
  ["job", jobTypes, jobParameters],
  ["action", actionTypes, actionParameters],
  ["connection", connectionTypes, connectionFields],
];

test.each(tables)("folder src/%s and its table name the same types", (folder, table, schemas) => {
  const files = readdirSync(new URL(`../src/${folder}`, import.meta.url))
    .filter((file) => !SHARED.test(file))
    .map((file) => file.replace(/\.ts$/, ""))
    .sort();

  expect(files).toEqual(Object.keys(table).sort());
  expect(Object.keys(schemas).sort()).toEqual(files);
});

test.each(tables)(
  "each file of src/%s defines the type that it is named after",
  async (folder, table) => {
    for (const [name, definition] of Object.entries(table)) {
      const module: unknown = await import(`../src/${folder}/${name}.ts`);
      expect(definition.type).toBe(name);
      expect(definition.summary).toMatch(/^[A-Z].*\.$/);
      expect(Object.values(Object(module))).toEqual([definition]);
    }
  },
);
