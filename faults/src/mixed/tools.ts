import { isMap } from "@lava/core";
import type { RecordedCase } from "./cases.ts";
import type { MixedRealm } from "./realm.ts";
import type { Check } from "./together.ts";

/** The original's programs on what ours has written, and the reverse (WF-282, WF-285). */
export async function checkTools(
  { realm, original }: MixedRealm,
  ours: readonly RecordedCase[],
  check: Check,
): Promise<void> {
  const one = ours.find(({ job_id }) => job_id === "g/retry");
  const message: unknown = JSON.parse(one?.message ?? "{}");
  const run_id = isMap(message) ? String(message["run_id"]) : "";
  const events = await original.run("lava-events", [
    "-r",
    realm.name,
    "-f",
    "json",
    "g/retry",
    run_id,
  ]);
  check(
    "lava-events shows a run of ours",
    events.includes(run_id) && events.includes("complete"),
    events,
  );

  for (const type of ["json", "raw", "secure"] as const) {
    const id = `mixed/${type}`;
    await realm.state.put(id, type === "raw" ? "text" : { a: ["b", null], n: 1 }, { type });
    const theirs = await original.run("lava-state", ["-r", realm.name, "get", id]);
    check(
      `lava-state reads a ${type} item of ours`,
      type === "raw" ? theirs.includes("text") : theirs.includes("['b', None]"),
      theirs,
    );
    const back = `mixed/back-${type}`;
    await original.run("lava-state", ["-r", realm.name, "put", "--type", type, "-p", "k=v", back]);
    const item = await realm.state.get(back);
    check(
      `ours reads a ${type} item of lava-state`,
      JSON.stringify(item?.value ?? null) === '{"k":"v"}',
      JSON.stringify(item),
    );
  }
  const report = await original
    .run("lava-check", ["-r", realm.name, "-c", "*"])
    .catch((error: unknown) => String(error));
  check("lava-check runs over the realm", !/Traceback/.test(report), report);
}
