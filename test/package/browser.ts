/** Pages in a headless Chromium, served from this machine. Without Chromium such tests are skipped and say so. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { describe, expect, test } from "vitest";

const CHROMIUM = "/usr/bin/chromium";
/** No sandbox: tests may run as root. The rest keeps Chromium from talking to the network. */
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const QUIET = ["--disable-component-update", "--disable-sync"];
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};
const PAGE_MILLISECONDS = 30_000;

/** `describe`, for tests that need Chromium; with SLUICE_REQUIRE_KERNEL=1 it has to be there. */
export function describeBrowser(name: string, define: () => void): void {
  if (existsSync(CHROMIUM)) describe(name, define);
  else if (process.env.SLUICE_REQUIRE_KERNEL === "1") {
    test(`${name}: has a browser`, () => expect.unreachable(`SLUICE_REQUIRE_KERNEL=1, but ${CHROMIUM} is missing`));
  } else describe.skip(`${name} (skipped: this needs ${CHROMIUM})`, define);
}

/** Opens a page of the directory and waits for the title that its script sets; errors of the page are thrown. */
export async function titleOf(directory: string, path = "index.html"): Promise<string> {
  const server = await serve(directory);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGS, ...QUIET] });
  try {
    const page = await browser.newPage();
    const failed = new Promise<never>((_, reject) => page.on("pageerror", reject));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
    const titled = page.waitForFunction("document.title !== ''", undefined, { timeout: PAGE_MILLISECONDS });
    await Promise.race([titled, failed]);
    return await page.title();
  } finally {
    await browser.close();
    server.close();
  }
}

async function serve(directory: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    readFile(join(directory, pathname)).then(
      (bytes) => response.setHeader("Content-Type", TYPES[extname(pathname)] ?? "text/plain").end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
