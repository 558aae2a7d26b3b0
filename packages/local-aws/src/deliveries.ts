import type { Deliveries, Delivery } from "./engine.ts";
import { AwsError } from "./errors.ts";

/** The registry through which engines send to each other. */
export function createDeliveries(): Deliveries {
  const receivers = new Map<string, (delivery: Delivery) => void>();
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
  };
}
