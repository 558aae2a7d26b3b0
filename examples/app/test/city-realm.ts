import { GetObjectCommand } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import {
  emulatedRealm,
  type ReceivedMail,
  startPostgres,
  startSmtp,
  type TestSqlServer,
} from "@lava/testing";

/** What the application works on: a PostgreSQL server, an SMTP server, and a realm that knows them. */
export interface CityRealm extends AsyncDisposable {
  readonly bucket: string;
  readonly database: string;
  readonly postgres: TestSqlServer;
  /** For the application's process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly mails: readonly ReceivedMail[];
  /** What nobody may see. */
  readonly secrets: readonly string[];
  /** The text of an object, by its address. */
  object(uri: string): Promise<string>;
}

/** Starts all of it. */
export async function cityRealm(): Promise<CityRealm> {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await startPostgres({ ...process.env }));
  const smtp = stack.use(await startSmtp({ ...process.env }));
  const database = await postgres.createDatabase();
  await postgres.sql(
    `create table city (name text, size integer); create table report (asked timestamptz);
     insert into city values ('Ulm', 126949), ('Bonn', 331885), ('Kiel', 246601)`,
    database,
  );
  const { host, port, user } = postgres;
  const login = { host, port, user, password: "/app/db", database };
  const server = { host: smtp.host, port: smtp.port, user: smtp.user, password: "/app/mail" };
  const emulated = stack.use(
    await emulatedRealm({
      connections: [
        { conn_id: "app/cities", type: "postgres", ...login, ssl: true },
        { conn_id: "app/lake", type: "aws", role_arn: "arn:aws:iam::210987654321:role/writer" },
        {
          ...{ conn_id: "app/mail", type: "email", subtype: "smtp", from: "app@example.org" },
          ...{ tls: true, ...server },
        },
      ],
    }),
  );
  const { aws, bucket, environment } = emulated;
  const ssm = await aws.clients.ssm();
  for (const [Name, Value] of [
    ["/app/db", postgres.password],
    ["/app/mail", smtp.password],
  ]) {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString" }));
  }
  const owned = stack.move();
  return {
    bucket,
    database,
    postgres,
    env: { PATH: process.env["PATH"], ...environment, NODE_EXTRA_CA_CERTS: smtp.ca },
    mails: smtp.received,
    secrets: [postgres.password, smtp.password],
    async object(uri) {
      const Key = uri.slice(`s3://${bucket}/`.length);
      const s3 = await aws.clients.s3();
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? "";
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
