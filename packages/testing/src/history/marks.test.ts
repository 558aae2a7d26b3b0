import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { projectDir } from "../project-dir.ts";
import { markPayload, readMarks } from "./marks.ts";

test("the payload script leaves its start, its life and its end, in this order", async () => {
  await using folder = await projectDir({ "mark.sh": markPayload });
  const marks = folder.file("marks");
  const env = {
    ...{ PATH: process.env["PATH"], LAVA_JOB_ID: "j", LAVA_RUN_ID: "r" },
    ...{ LAVA_EPOCH: "3", LAVA_IDEMPOTENCY_KEY: "k" },
  };

  execFileSync(folder.file("mark.sh"), [marks, "30", "2"], { env });
  execFileSync(folder.file("mark.sh"), [marks, "action", "p", "q", "on_fail-1"], { env });
  expect(() => execFileSync(folder.file("mark.sh"), [marks, "0", "1", "1"], { env })).toThrow(
    /Command failed/,
  );
  execFileSync(folder.file("mark.sh"), [marks, "0", "2", "1"], { env });
  const found = await readMarks(marks);

  const kinds = found.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== "alive")).toEqual([
    ...["start", "end", "action"],
    ...["start", "end", "start", "end"],
  ]);
  expect(kinds).toContain("alive");
  expect(found[0]).toMatchObject({
    ...{ job_id: "j", run_id: "r", key: "k", epoch: 3, attempt: 2, worker: process.pid },
  });
  expect(found.find(({ kind }) => kind === "action")?.of).toEqual({
    ...{ job_id: "p", run_id: "q", action: "on_fail-1" },
  });
});

test("a line that was cut off is left out, and what is no mark is refused", async () => {
  await using folder = await projectDir({ cut: '{"kind":"sta', wrong: '{"kind":"other"}\n' });
  await writeFile(folder.file("empty"), "");

  expect(await readMarks(folder.file("cut"))).toEqual([]);
  expect(await readMarks(folder.file("missing"))).toEqual([]);
  await expect(readMarks(folder.file("wrong"))).rejects.toThrow(/not a line of a mark file/);
});
