import type { ChildRecord, RunKey } from "@lava/realm";
import { expect, test } from "vitest";
import { earlierChildren } from "./run-tree.ts";

type Row = ChildRecord & { readonly part: string };

function row(id: string, status: ChildRecord["status"], pass = "1", part = "000001-000001"): Row {
  return { id, job_id: id, status, pass, part };
}

const history =
  (rows: Readonly<Record<string, readonly Row[]>>, asked: RunKey[] = []) =>
  (run: RunKey) => {
    asked.push(run);
    return Promise.resolve(rows[run.run_id] ?? []);
  };

test("of earlier runs the last word on a child counts, and only if it was complete", async () => {
  const asked: RunKey[] = [];
  const earlier = earlierChildren({
    history: history(
      {
        first: [row("a", "complete"), row("b", "complete"), row("c", "failed")],
        second: [row("b", "failed", "1"), row("b", "failed", "2")],
      },
      asked,
    ),
    runs: ["first", "second"],
    own: undefined,
  });
  const status = async (id: string) => (await earlier("chain", { id, pass: "1" }))?.child.status;

  expect(await status("a")).toBe("complete");
  expect(await status("b")).toBeUndefined();
  expect(await status("c")).toBeUndefined();
  expect(await earlier("chain", { id: "a", pass: "2" })).toMatchObject({ run_id: "first" });
  expect(asked).toEqual([
    { job_id: "chain", run_id: "first" },
    { job_id: "chain", run_id: "second" },
  ]);
});

test("a run that goes on finds its own children of the same pass, since it last began from scratch", async () => {
  const earlier = earlierChildren({
    history: history({
      own: [row("a", "complete", "1", "000001-000001"), row("a", "retrying", "2", "000003-000001")],
    }),
    runs: [],
    own: { run_id: "own", epoch: 2 },
  });

  expect(await earlier("chain", { id: "a", pass: "1" })).toBeUndefined();
  expect(await earlier("chain", { id: "a", pass: "2" })).toMatchObject({
    child: { status: "retrying" },
  });
});
