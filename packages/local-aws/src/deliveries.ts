import type { Deliveries, Delivery, Provided } from "./engine.ts";
import { AwsError, notImplemented } from "./errors.ts";

/** The registry through which engines send to each other, and read of each other. */
export function createDeliveries(): Deliveries {
  const receivers = new Map<string, (delivery: Delivery) => void>();
  const provided: { -readonly [N in keyof Provided]?: Provided[N] } = {};
  return {
    register(service, deliver) {
      receivers.set(service, deliver);
    },
    deliver(delivery) {
      const deliver = receivers.get(delivery.target.split(":")[2] ?? "");
      if (deliver === undefined) {
        throw new AwsError("InvalidParameter", `nothing can be delivered to ${delivery.target}`);
      }
      deliver(delivery);
    },
    provide(name, value) {
      provided[name] = value;
    },
    use(name) {
      const value = provided[name];
      if (value === undefined) throw notImplemented(name, "reading");
      return value;
    },
  };
}
