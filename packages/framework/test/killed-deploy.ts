import childProcess from "node:child_process";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { type Clock, systemClock } from "@lava/core";
import { type AwsClients, createAwsClients, openRealm, type Realm } from "@lava/realm";
import { deployPlan } from "../src/deploy/deploy.ts";
import { readPlan } from "../src/deploy/plan-text.ts";

/**
 * A program that carries out a saved plan and kills itself at its nth write:
 * `killed-deploy.ts PLAN REALM SETTINGS N before|after MS [images]`. MS is how far its clock is ahead; with `images` the
 * writes of images are those that count, to ECR, to the registry, and by docker.
 */
const [, , file = "", name = "", settings = "{}", turn = "1", when = "before", shift = "0", kind] =
  process.argv;

const writes = new Set(kind === "images" ? [] : ["put", "copy", "delete"]);
let seen = 0;

/** Counts a write, and ends this process before it when it is its turn; what is to be called after it. */
function begin(): () => void {
  seen += 1;
  const isLast = seen === Number(turn);
  const end = (): void => {
    if (isLast) process.kill(process.pid, "SIGKILL");
  };
  if (when === "before") end();
  return end;
}

async function count(write: () => unknown): Promise<unknown> {
  const end = begin();
  try {
    return await write();
  } finally {
    end(); // also when there was nothing to do, such as a repository that is there
  }
}

/** The same object, whose methods that write count. */
function counted<T extends object>(target: T): T {
  return new Proxy(target, {
    get(object, property, receiver) {
      const member: unknown = Reflect.get(object, property, receiver);
      if (typeof member !== "function" || !writes.has(String(property))) return member;
      return (...args: unknown[]) => count(() => Reflect.apply(member, object, args));
    },
  });
}

const WRITE =
  kind === "images"
    ? /^(?:Create|Delete)Repository|^PutLifecycle/
    : /^(?:Add|Remove)Permission|^(?:Put|Delete)Rule|^(?:Put|Remove)Targets|^(?:Tag|Untag)/;

/** A client whose commands that write count, one by one. */
function countedClient<T extends object>(client: T): T {
  return new Proxy(client, {
    get(object, property, receiver) {
      const member: unknown = Reflect.get(object, property, receiver);
      if (typeof member !== "function" || property !== "send") return member;
      return (command: object) => {
        const send = (): unknown => Reflect.apply(member, object, [command]);
        return WRITE.test(command.constructor.name) ? count(send) : send();
      };
    },
  });
}

if (kind === "images") {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const end = init?.method === "PUT" ? begin() : undefined;
    const answer = await fetch(input, init);
    end?.();
    return answer;
  };
  const { spawn } = childProcess;
  const counting = (
    program: string,
    args: readonly string[],
    options: childProcess.SpawnOptions,
  ) => {
    const end = args[0] === "push" ? begin() : undefined;
    const child = spawn(program, args, options);
    if (end !== undefined) child.once("exit", end);
    return child;
  };
  Reflect.set(childProcess, "spawn", counting);
  syncBuiltinESMExports();
}

await using own = createAwsClients(JSON.parse(settings));
const clients: AwsClients = {
  ...own,
  lambda: async () => countedClient(await own.lambda()),
  eventBridge: async () => countedClient(await own.eventBridge()),
  ecr: async () => countedClient(await own.ecr()),
};
const clock: Clock = { ...systemClock, now: () => Date.now() + Number(shift) };
const realm = await openRealm(name, { clients, env: {}, clock });
const watched: Realm = {
  ...realm,
  payloads: counted(realm.payloads),
  jobs: counted(realm.jobs),
  connections: counted(realm.connections),
  s3triggers: counted(realm.s3triggers),
  scheduleGroup: counted(realm.scheduleGroup),
};
await deployPlan(readPlan(readFileSync(file, "utf8"), file), watched, {
  by: { user: "killed", host: "test-host" },
  environ: process.env,
});
process.stdout.write(String(seen));
