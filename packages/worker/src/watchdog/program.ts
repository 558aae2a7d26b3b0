// A process of its own, started by `watchdog.ts`: kills the process groups of jobs when its worker has died (end of
// file on stdin) or has not renewed its lease in time. Kept tiny: no imports, no streams.
//
// Lines on stdin: `+<pgid>` a group began, `-<pgid>` it ended, `d<ms>` all is well for so long (`d0`: for ever),
// `q` the worker ends in good order.
const { read } = process.getBuiltinModule("node:fs");

const groups = new Set<number>();
const buffer = Buffer.alloc(4096);
let rest = "";
let late = false;
let timer: NodeJS.Timeout | undefined;

// A signal to the worker's terminal or group is not for us: we end when the worker has.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
  process.on(signal, () => undefined);
}

function kill(pgid: number): void {
  try {
    process.kill(-pgid, "SIGKILL");
  } catch {
    // ended already
  }
}

function killAll(): void {
  for (const pgid of groups) kill(pgid);
}

function expire(): void {
  late = true;
  killAll();
}

function obey(line: string): void {
  const number = Number(line.slice(1));
  if (line === "q") process.exit(0);
  if (line.startsWith("+")) {
    groups.add(number);
    if (late) kill(number);
  } else if (line.startsWith("-")) groups.delete(number);
  else if (line.startsWith("d")) {
    clearTimeout(timer);
    late = false;
    timer = number > 0 ? setTimeout(expire, number) : undefined;
  }
}

function next(): void {
  read(0, buffer, 0, buffer.length, null, (error, size) => {
    if (error?.code === "EAGAIN") {
      setTimeout(next, 10);
      return;
    }
    if (error !== null || size === 0) {
      killAll();
      process.exit(0);
    }
    const lines = (rest + buffer.toString("latin1", 0, size)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) obey(line);
    next();
  });
}

next();

export {};
