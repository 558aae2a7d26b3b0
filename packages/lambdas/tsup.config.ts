import { defineConfig } from "tsup";
import shared from "../../tsup.shared.ts";
import { lambdaBundles } from "./bundles.ts";

/** The library, and the functions: each a bundle that needs nothing beside it. */
export default defineConfig([{ ...shared, clean: false }, lambdaBundles()]);
