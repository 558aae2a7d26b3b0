import { readFileSync } from "node:fs";
import { type Clock, systemClock } from "@lava/core";
import { type AwsClients, createAwsClients, openRealm, type Realm } from "@lava/realm";
import { deployPlan } from "../src/deploy/deploy.ts";
import { readPlan } from "../src/deploy/plan-text.ts";

/**
 * A program that carries out a saved plan and kills itself at its nth write:
 * `killed-deploy.ts PLAN REALM SETTINGS N before|after MS`, the last being how far its clock is ahead.
 */
const [, , file = "", name = "", settings = "{}", turn = "1", when = "before", shift = "0"] =
  process.argv;

const writes = new Set(["put", "copy", "delete"]);
let seen = 0;

/** Counts a write, and ends this process before or after it when it is its turn. */
async function count(write: () => unknown): Promise<unknown> {
  seen += 1;
  const isLast = seen === Number(turn);
  if (isLast && when === "before") process.kill(process.pid, "SIGKILL");
  const result: unknown = await write();
  if (isLast) process.kill(process.pid, "SIGKILL");
  return result;
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

const WRITE = /^(?:Add|Remove)Permission|^(?:Put|Delete)Rule|^(?:Put|Remove)Targets|^(?:Tag|Untag)/;

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

await using own = createAwsClients(JSON.parse(settings));
const clients: AwsClients = {
  ...own,
  lambda: async () => countedClient(await own.lambda()),
  eventBridge: async () => countedClient(await own.eventBridge()),
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
});
process.stdout.write(String(seen));
