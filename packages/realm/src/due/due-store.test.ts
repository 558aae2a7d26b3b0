import { expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";

const aws = sharedAws();

function message(run_id: string, due: number) {
  return { worker: "core", job_id: "etl/load", run_id, body: `{"run":"${run_id}"}`, due };
}

test("messages come up when they are due, earliest first, and the next time is told", async () => {
  const { realm, clock } = await testRealm(aws());
  const now = clock.now();
  await realm.due.put(message("c", now + 3_000_000));
  await realm.due.put(message("b", now + 2_000_000));
  await realm.due.put(message("a", now + 1_000_000));

  expect(await realm.due.list("core")).toEqual({ due: [], next: now + 1_000_000 });
  clock.advance(2_000_000);

  const list = await realm.due.list("core");
  expect(list.due.map(({ run_id, body }) => [run_id, body])).toEqual([
    ["a", '{"run":"a"}'],
    ["b", '{"run":"b"}'],
  ]);
  expect(list.next).toBe(now + 3_000_000);
  expect((await realm.due.list("other")).due).toEqual([]);
});

test("a message is taken by one sender, by another when that one dies, and is gone when it was sent", async () => {
  const { realm, clock } = await testRealm(aws());
  await realm.due.put(message("a", clock.now() - 1));
  const [item] = (await realm.due.list("core")).due;
  if (item === undefined) throw new Error("nothing is due");

  expect(await Promise.all([realm.due.take(item), realm.due.take(item)])).toEqual(
    expect.arrayContaining([true, false]),
  );
  clock.advance(61_000);
  expect(await realm.due.take(item)).toBe(true);
  await realm.due.sent(item);

  expect(await realm.due.list("core")).toEqual({ due: [], next: undefined });
  clock.advance(61_000);
  expect(await realm.due.take(item)).toBe(false);
});

test("a list can begin at a time, so that what was sent is not read again", async () => {
  const { realm, clock } = await testRealm(aws());
  const now = clock.now();
  await realm.due.put(message("a", now - 10_000));
  await realm.due.put(message("b", now - 5_000));

  const { due } = await realm.due.list("core", now - 7_000);

  expect(due.map(({ run_id }) => run_id)).toEqual(["b"]);
});
