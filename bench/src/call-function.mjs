// Loads the bundle of a function as Lambda does, and calls it with the event on stdin: its milliseconds as JSON.
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const event = JSON.parse(await text(process.stdin));
process.stdout.write = () => true;
const started = performance.now();
const { handler } = await import(pathToFileURL(process.argv[2]).href);
const loaded = performance.now();
if (event !== null) await handler(event, { awsRequestId: "bench", functionName: "lava-bench-x" });
const answer = { import: loaded - started, call: performance.now() - loaded };
process.stderr.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
