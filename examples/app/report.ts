import { PutObjectCommand } from "@aws-sdk/client-s3";
import { connect, connectMail } from "@lava/connectors";
import type { Realm } from "@lava/realm";
import * as z from "zod";

/** What the report needs to know. */
export interface ReportOptions {
  readonly realm: Realm;
  /** Bucket for the whole table. */
  readonly bucket: string;
  /** Who gets the report. */
  readonly to: string;
}

const city = z.object({ name: z.string(), size: z.number() });

/** Mails the largest cities, with a CSV file of all of them; the object that the file is. */
export async function sendReport({ realm, bucket, to }: ReportOptions): Promise<string> {
  await using db = await connect("app/cities", { realm, type: "postgres" });
  await using mail = await connectMail("app/mail", { realm });

  const largest = await db.query("select name, size from city order by size desc limit $1", {
    parameters: [2],
    row: city,
  });

  const parts: Uint8Array[] = [];
  for await (const part of db.copyOut(
    "copy (select * from city order by name) to stdout csv header",
  )) {
    parts.push(part);
  }
  const s3 = await realm.clients.s3();
  const Key = "reports/cities.csv";
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.concat(parts) }));
  const file = `s3://${bucket}/${Key}`;

  await mail.send({
    to: [to],
    subject: `The largest city is ${largest[0]?.name ?? "unknown"}`,
    message: largest.map(({ name, size }) => `${name}: ${size}`).join("\n"),
    attachments: [file],
  });
  return file;
}
