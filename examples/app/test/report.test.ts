import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CityRealm, cityRealm } from "./city-realm.ts";

const run = promisify(execFile);
let setup: CityRealm;
beforeAll(async () => {
  setup = await cityRealm();
}, 60_000);
afterAll(() => setup[Symbol.asyncDispose]());

const app = (...words: string[]) =>
  run(process.execPath, ["--conditions=@lava/source", "main.ts", ...words], {
    cwd: join(import.meta.dirname, ".."),
    env: setup.env,
  });

test("asks PostgreSQL, writes to S3 as another account's role and sends mail by SMTP, with ids of connections alone", async () => {
  const { stdout, stderr } = await app(setup.bucket, "boss@example.org");

  expect(await setup.object(stdout.trim())).toBe(
    "name,size\nBonn,331885\nKiel,246601\nUlm,126949\n",
  );
  const mail = setup.mails.at(-1);
  expect(mail).toMatchObject({ to: ["boss@example.org"], secure: true });
  expect(mail?.raw).toContain("Subject: The largest city is Bonn");
  expect(mail?.raw).toContain("Content-Disposition: attachment; filename=cities.csv");
  expect(await setup.postgres.sql("select count(*) from report", setup.database)).toBe("1");
  for (const secret of setup.secrets) {
    expect([stdout, stderr, mail?.raw].join("\n")).not.toContain(secret);
  }
}, 30_000);

test("sends no mail where S3 refuses the file", async () => {
  const sent = setup.mails.length;

  await expect(app("no-such-bucket", "boss@example.org")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("NoSuchBucket"),
  });
  expect(setup.mails).toHaveLength(sent);
}, 30_000);

test("says how it is called", async () => {
  await expect(app()).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^usage: /) });
});
