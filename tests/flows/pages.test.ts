import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { findChromium, launch, PHONE } from "#tests/support/chromium.ts";
import { DemoProcess } from "#tests/support/demo-process.ts";

const binary = findChromium();

describe.if(binary !== null)("the pages, in a real browser at phone width", () => {
  const demo = new DemoProcess("--speed", "60");
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await demo.start();
    browser = await launch(binary ?? "");
    page = await browser.newPage({ viewport: PHONE });
    await page.goto(`${demo.url}/chat`);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await demo.dispose();
  });

  async function type(text: string) {
    await page.fill("#text", text);
    await page.press("#text", "Enter");
  }

  test("a question typed into the chat page is answered in it", async () => {
    await type("what are the best rates?");
    await page.waitForSelector("text=Funding per 8 hours");
  });

  test("tapping Approve on a card opens the hedge, and the same card shows it", async () => {
    await type("hedge BTC");
    await page.click("text=✅ Approve");
    await page.waitForSelector("text=🟢 Open BTC");

    expect((await demo.status()).hedges[0]?.phase).toBe("open");
    expect(await page.locator("text=✅ Approve").count()).toBe(0);
  });

  test("a double tap opens one hedge", async () => {
    await type("hedge ETH");
    await page.dblclick("text=✅ Approve");
    await page.waitForSelector("text=🟢 Open ETH");

    expect((await demo.status()).hedges.filter((hedge) => hedge.asset === "ETH")).toHaveLength(1);
  });

  test("the stranger sees none of it and gets no answer", async () => {
    await page.click("#switch");
    await page.waitForSelector("body.stranger");
    await type("/status");
    await page.waitForSelector(".msg.user");
    await Bun.sleep(400);

    expect(await page.locator(".msg.bot").count()).toBe(0);
    await page.click("#switch");
    await page.waitForSelector("text=🟢 Open BTC");
  });

  test("neither page scrolls sideways", async () => {
    const wide = () =>
      page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(await wide()).toBe(false);
    await page.goto(`${demo.url}/`);
    await page.waitForSelector("h1");
    expect(await wide()).toBe(false);
  });

  test("the status page shows the hedges and changes by itself", async () => {
    await page.waitForSelector("article >> text=BTC");
    await demo.say("/kill");
    await page.waitForSelector(".badge.halted");
    await page.waitForSelector("text=None is open.");
  });
});
