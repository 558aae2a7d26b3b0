import { GetObjectCommand } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { emulatedRealm, startPostgres } from "@lava/testing";
import { expect, test } from "vitest";
import { sendReport } from "../report.ts";

test("asks PostgreSQL, writes to S3 and sends mail through a realm's connections", async () => {
  await using server = await startPostgres({ ...process.env });
  const { host, port, user } = server;
  const database = await server.createDatabase();
  await server.sql(
    "create table city (name text, size integer); insert into city values ('Ulm', 126949), ('Bonn', 331885), ('Kiel', 246601)",
    database,
  );
  const password = "/lava/app/password";
  await using emulated = await emulatedRealm({
    connections: [
      { conn_id: "app/cities", type: "postgres", host, port, user, database, password, ssl: true },
      { conn_id: "app/mail", type: "email", from: "app@example.org" },
    ],
  });
  const ssm = await emulated.aws.clients.ssm();
  await ssm.send(
    new PutParameterCommand({ Name: password, Value: server.password, Type: "SecureString" }),
  );

  const { realm, bucket } = emulated;
  const file = await sendReport({ realm, bucket, to: "boss@example.org" });

  const s3 = await emulated.aws.clients.s3();
  const object = await s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: file.slice(`s3://${bucket}/`.length) }),
  );
  expect(await object.Body?.transformToString()).toBe(
    "name,size\nBonn,331885\nKiel,246601\nUlm,126949\n",
  );
  const [mail] = emulated.aws.mails();
  expect(mail).toMatchObject({ subject: "The largest city is Bonn" });
  expect(JSON.stringify(mail)).toContain("boss@example.org");
  expect(JSON.stringify(mail)).not.toContain(server.password);
}, 60_000);
