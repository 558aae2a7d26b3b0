import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { connect, connectMail, type ConnectOptions } from "@lava/connectors";
import * as z from "zod";

/** What the report needs to know. */
export interface ReportOptions extends Pick<ConnectOptions, "realm" | "env"> {
  /** Bucket for the whole table. */
  readonly bucket: string;
  /** Who gets the report. */
  readonly to: string;
}

const city = z.object({ name: z.string(), size: z.number() });

/** Mails the largest cities, with a CSV file of all of them, which S3 gets too: its address. */
export async function sendReport({ bucket, to, ...at }: ReportOptions): Promise<string> {
  await using db = await connect("app/cities", { ...at, type: "postgres" });
  await using lake = await connect("app/lake", { ...at, type: "aws" });
  await using mail = await connectMail("app/mail", at);

  const largest = await db.query("select name, size from city order by size desc limit $1", {
    parameters: [2],
    row: city,
  });
  const csv = await db.transaction(async () => {
    await db.execute("insert into report (asked) values (now())");
    const parts: Uint8Array[] = [];
    for await (const part of db.copyOut("copy (table city order by name) to stdout csv header")) {
      parts.push(part);
    }
    return Buffer.concat(parts);
  });

  const { region, credentials } = lake;
  const s3 = new S3Client({ credentials, ...(region === undefined ? {} : { region }) });
  const Key = "reports/cities.csv";
  try {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: csv }));
  } finally {
    s3.destroy();
  }

  await mail.send({
    to,
    subject: `The largest city is ${largest[0]?.name ?? "unknown"}`,
    message: largest.map(({ name, size }) => `${name}: ${size}`).join("\n"),
    attachments: [{ name: "cities.csv", content: csv }],
  });
  return `s3://${bucket}/${Key}`;
}
