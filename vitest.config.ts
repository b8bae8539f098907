import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Messages are compared as text, and where CI is set they would have colours.
    env: { NO_COLOR: "1" },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
