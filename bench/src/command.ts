import { benchRealm, cmdJob, WORKER } from "./bench-realm.ts";
import { type Measurement, median, ms } from "./measurement.ts";
import { timeProgram } from "./processes.ts";

/** The bundled command as a whole process. */
export async function benchCommand(): Promise<readonly Measurement[]> {
  await using bench = await benchRealm();
  await bench.put(cmdJob("bench/true", "true"));
  const env = { ...bench.env, LAVA_REALM: "bench" };
  const help: number[] = [];
  const dispatch: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    help.push((await timeProgram(["--help"])).ms);
    const sent = await timeProgram(["dispatch", "bench/true", "--worker", WORKER], { env });
    if (sent.status !== 0) throw new Error(sent.stderr);
    dispatch.push(sent.ms);
  }
  return [
    {
      what: "one dispatch from the command line",
      value: ms(median(dispatch)),
      peer: "original: 0.33 s",
      budget: "120 ms",
      ok: median(dispatch) <= 120,
    },
    { what: "`lava --help`", value: ms(median(help)), budget: "120 ms", ok: median(help) <= 120 },
  ];
}
