import { defineConfig } from "vitest/config";

/**
 * What runs in other variants of the engine too (test/support/variant.ts): whatever compares the engine with the kernel,
 * kube-proxy or a model packet by packet, as far as time allows.
 */
const VARIED = [
  "test/engine/conntrack-*.test.ts",
  "test/engine/nat.test.ts",
  "test/engine/wire.test.ts",
  "test/kernel/random.test.ts",
  "test/kernel/tcp.test.ts",
  "test/model/*.test.ts",
  "test/robustness/robustness.test.ts",
];

export default defineConfig({
  test: {
    // Messages are compared as text, and where CI is set they would have colours.
    env: { NO_COLOR: "1" },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: "all", include: ["test/**/*.test.ts"] } },
      { extends: true, test: { name: "scalar", include: VARIED, env: { SLUICE_ENGINE: "scalar" } } },
      {
        extends: true,
        test: { name: "other ways", include: VARIED, env: { SLUICE_FAST_PATH: "off", SLUICE_INDEX: "on" } },
      },
    ],
  },
});
