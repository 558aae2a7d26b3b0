import { sendReport } from "./report.ts";

const [bucket, to] = process.argv.slice(2);
const { LAVA_REALM: realm } = process.env;
if (bucket === undefined || to === undefined || realm === undefined) {
  console.error("usage: LAVA_REALM=<realm> node main.ts <bucket> <address>");
  process.exit(2);
}
console.log(await sendReport({ realm, env: process.env, bucket, to }));
