import type { Register } from "../command.ts";

/** `lava worker`: the daemon, with its own command line (that of the original's lava-worker). */
export const registerWorker: Register = (program, context) => {
  program
    .command("worker")
    .description("run a worker; lava worker --help shows its options")
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]", "options of the worker: lava worker --help")
    .action(async (argv: string[]) => {
      const { workerMain } = await import("@lava/app-worker");
      context.exitStatus = await workerMain(argv, { env: context.env, stdout: context.stdout });
    });
};
