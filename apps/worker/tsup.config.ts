import { application } from "../../tsup.app.ts";

/** The daemon. */
export default application({ main: "src/main.ts" });
