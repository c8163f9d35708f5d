import type { Config } from "./config";

/** What a click needs: fetched once the button stands there, so that the button does not wait for it. */
export const prepare = () => import("./authorize");

/** What the button does. */
export async function connect(config: Config): Promise<void> {
  const { authorize } = await prepare();
  await authorize(config);
}
