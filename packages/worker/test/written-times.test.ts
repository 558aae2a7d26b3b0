import { ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { workerRealm } from "./worker-realm.ts";

/** Every text in a value, with the name of the field that holds it; lava's own fields (`x_`) have their own form. */
function* texts(value: unknown, field = ""): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [field, value];
  else if (typeof value === "object" && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      if (name.startsWith("x_")) continue;
      // DynamoDB puts the type between the field and its value.
      yield* texts(part, /^(?:[SNMLB]|BOOL|NULL|[SN]S|\d+)$/.test(name) ? field : name);
    }
  }
}

test("every time that the original writes too has whole seconds and an offset in digits; tu_event has no zone (T-56)", async () => {
  const task = { type: "cmd", payload: "true" };
  await using setup = await workerRealm({
    jobs: [
      { job_id: "both", type: "chain", payload: ["good"] },
      { job_id: "good", ...task, state: { seen: "s" } },
      { job_id: "bad", ...task, payload: "false" },
    ],
  });
  await setup.realm.state.put("s", "1");
  await setup.start();
  await setup.run("both");
  await setup.run("bad");
  await setup.realm.dispatch({ job_id: "good", delay: "10m" });

  const dynamodb = await setup.realm.clients.dynamodb();
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  const items = await Promise.all(
    TableNames.map(async (TableName) => await dynamodb.send(new ScanCommand({ TableName }))),
  );
  const times = items
    .flatMap(({ Items = [] }) => [...texts(Items)])
    .filter(([, text]) => /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text));

  const fields = new Set(times.map(([field]) => field));
  expect([...fields]).toEqual(expect.arrayContaining(["ts_dispatch", "ts_event", "tu_event"]));
  for (const [field, text] of times) {
    const zone = field.startsWith("tu_") ? "" : String.raw`[+-]\d\d:\d\d`;
    expect(text, field).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d${zone}$`));
  }
});
