import { isMap, LavaError } from "@lava/core";

/**
 * Loads a driver, which lava does not bring along.
 *
 * @throws {LavaError} DRIVER_MISSING that says what to install
 */
export async function loadDriver<T>(packages: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMap(cause) || cause["code"] !== "ERR_MODULE_NOT_FOUND") throw cause;
    const names = packages.split(" ").join(" or ");
    throw new LavaError("DRIVER_MISSING", `The package ${names} is not installed`, {
      cause,
      retry: "never",
      hint: `Install it beside lava: npm install ${packages}`,
    });
  }
}
