/** A browser on the page of a server. */

import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import type { Mapping } from "../../src/contract/fields.ts";
import { startChromium } from "./browser.ts";
import { PATIENCE_MS } from "./patience.ts";
import { TestMachine } from "./test_machine.ts";
import type { FakeWorker } from "./workers.ts";

export class ServerPage implements AsyncDisposable {
  readonly machine: TestMachine;
  readonly page: Page;
  readonly #stack: AsyncDisposableStack;
  /** The violations of the page's policy, and the errors of its script. */
  readonly errors: string[] = [];

  private constructor(
    { machine, page, stack }: { machine: TestMachine; page: Page; stack: AsyncDisposableStack },
  ) {
    this.machine = machine;
    this.page = page;
    this.#stack = stack;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (/policy|trusted/i.test(message.text())) this.errors.push(message.text());
    });
  }

  /** A machine with a local Arcade that has the server `demo`, and a browser on its page. */
  static async of(worker: FakeWorker): Promise<ServerPage> {
    await using stack = new AsyncDisposableStack();
    const machine = stack.use(new TestMachine());
    await machine.serve();
    await register(machine, worker);
    return await ServerPage.#open(machine, stack.move());
  }

  /** A browser on the page of the first server of a machine, which is removed elsewhere. */
  static async on(machine: TestMachine): Promise<ServerPage> {
    return await ServerPage.#open(machine, new AsyncDisposableStack());
  }

  static async #open(machine: TestMachine, given: AsyncDisposableStack): Promise<ServerPage> {
    await using stack = given;
    const browser = stack.use(await startChromium(machine));
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const opened = new ServerPage({ machine, page, stack: stack.move() });
    try {
      await page.goto(machine.server.dashboard);
      await opened.open();
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
    return opened;
  }

  /** Opens the page of the first server of the first project. */
  async open(): Promise<void> {
    await this.page.goto(this.machine.server.url);
    const server = () => this.page.$("main a[href^='/servers/']");
    if (await server() === null) {
      await this.page.goto(
        await this.page.$eval("main a[href^='/projects/']", ({ href }) => href),
      );
    }
    const path = await (await server())?.evaluate(({ href }) => href);
    assert(path !== undefined, "no server on the dashboard");
    await this.page.goto(path);
  }

  /** Sends a request such as `POST tools/execute` with the API key. */
  async ask(line: string, body?: Mapping): Promise<void> {
    await request(this.machine, line, body);
  }

  /** Registers the server `demo` again. */
  async register(worker: FakeWorker): Promise<void> {
    await register(this.machine, worker);
  }

  /** Picks a tool, such as `Demo.Greet`, from the list. */
  async pick(name: string): Promise<void> {
    await this.page.locator(`#tools a ::-p-text(${name})`).click();
    await this.page.waitForSelector(`#about ::-p-text(${name})`);
  }

  /** Fills the fields of the tool, and calls it. */
  async call(...values: readonly string[]): Promise<void> {
    for (const [at, value] of values.entries()) await this.page.locator(`#field-${at}`).fill(value);
    await this.page.locator("button.go").click();
  }

  /** Enters the value of the first secret that the tool needs. */
  async enterSecret(value: string): Promise<void> {
    await this.page.locator("#secret-0").fill(value);
    await this.page.locator("#needs button[aria-label^='Save the secret']").click();
    await this.shows("#needs .mark.good", "set");
  }

  async text(selector: string): Promise<string> {
    return await this.page.$eval(selector, (element) => element.textContent ?? "");
  }

  /** Waits until an element contains a text. */
  async shows(selector: string, text: string): Promise<void> {
    await this.page.waitForSelector(`${selector} ::-p-text(${text})`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function register(machine: TestMachine, worker: FakeWorker): Promise<void> {
  const http = { uri: worker.url, secret: "s", timeout: 30, retry: 0 };
  await request(machine, "POST workers", { id: "demo", http });
}

async function request(machine: TestMachine, line: string, body?: Mapping): Promise<void> {
  const { url, environment } = machine.server;
  const [method = "", path = ""] = line.split(" ");
  const answer = await fetch(`${url}/v1/${path}`, {
    method,
    headers: { authorization: environment.ARCADE_API_KEY ?? "" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert(answer.ok, text);
}
