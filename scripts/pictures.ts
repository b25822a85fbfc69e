/**
 * `deno task pictures`: takes the pictures of the pages of the local Arcade in docs/pictures, with fixed example data, times
 * and random numbers. With a folder, it takes every page there as well: wide and narrow, light and dark, to look at.
 * Needs Chromium.
 */

import type { Page } from "puppeteer-core";
import type { Mapping } from "../src/contract/fields.ts";
import { exampleLine } from "../src/commands/shared/parameter_forms.ts";
import { startLocalArcade } from "../src/local/mod.ts";
import { Sensitive } from "../src/secrecy/sensitive.ts";
import { startChromium } from "../tests/support/browser.ts";
import { FakeWorker, succeeded } from "../tests/support/workers.ts";

const NOW = new Date("2026-12-01T14:00:00Z");

const [folder] = Deno.args;
const pictures = `${import.meta.dirname}/../docs/pictures`;
fixRandomness();

await using resources = new AsyncDisposableStack();
const home = await Deno.makeTempDir({ prefix: "arcade-pictures-" });
resources.defer(() => Deno.remove(home, { recursive: true }));
const weather = resources.use(
  new FakeWorker([
    {
      ...toolOf("Forecast", "Forecast the weather of a city."),
      input: {
        parameters: [
          parameter("city", "string", { required: true, description: "The name of the city" }),
          parameter("days", "integer", { description: "How many days, from 1 to 14" }),
          parameter("units", "string", {
            description: "The units of temperatures",
            enum: ["celsius", "fahrenheit"],
          }),
          parameter("details", "array", {
            description: "What to include",
            inner_val_type: "string",
            enum: ["rain", "wind", "humidity"],
          }),
        ],
      },
      requirements: { authorization: null, secrets: [{ key: "WEATHER_API_KEY" }] },
    },
    {
      ...toolOf("Greet", "Greet a person by name."),
      input: {
        parameters: [
          parameter("name", "string", { required: true, description: "The name of the person" }),
        ],
      },
    },
    {
      ...toolOf("SaveReport", "Save a report as an issue on GitHub."),
      input: {
        parameters: [
          parameter("repository", "string", { required: true, description: "Owner and name" }),
        ],
      },
      requirements: {
        authorization: {
          provider_id: "github",
          provider_type: "oauth2",
          oauth2: { scopes: ["repo"] },
        },
        secrets: null,
      },
    },
  ], ({ tool, inputs }) =>
    tool.name === "Greet" ? succeeded(`Hello, ${inputs.name}!`) : succeeded({
      city: inputs.city,
      wednesday: "7 °C, light rain",
      thursday: "4 °C, clear",
      friday: "6 °C, cloudy",
    })),
);
let elapsed = 0;
const arcade = await startLocalArcade({
  dataDir: `${home}/local`,
  port: 0,
  now: () => NOW,
  elapsedMs: () => elapsed += 1.6,
  exampleLine,
  seed: {
    users: [{ id: "user_ada", email: "ada@example.com" }, {
      id: "user_grace",
      email: "grace@example.com",
    }],
    organizations: [
      {
        id: "org_engines",
        name: "Analytical Engines",
        projects: [
          { id: "proj_weather", name: "Weather" },
          { id: "proj_website", name: "Website" },
        ],
      },
      { id: "org_personal", name: "Personal", projects: [{ id: "proj_notes", name: "Notes" }] },
    ],
    secrets: new Map([
      ["MAPS_TOKEN", new Sensitive("an-example")],
      ["WEATHER_API_KEY", new Sensitive("an-example")],
    ]),
    servers: [{ name: "weather", url: weather.url, secret: new Sensitive("an-example") }],
    grants: [{ user: "ada@example.com", provider: "github", scopes: ["repo"] }],
    gateways: [{
      name: "Weather for clients",
      slug: "weather",
      status: "active",
      auth: "oauth",
    }],
  },
});
resources.defer(() => arcade.stop());
const { url } = arcade;
const key = arcade.environment.ARCADE_API_KEY ?? "";
const browser = await startChromium({ path: home, env: {} });
resources.defer(() => browser.close());
await example();
const page = await browser.newPage();
await page.goto(arcade.address);
const server = await linkIn(page, `${url}/projects/proj_weather`, "/servers/");
const called = await callOn(page, `${server}?tool=Weather.Forecast`);
const call = await linkIn(page, `${url}/calls`, "/calls/");
const shown = [
  ["projects", `${url}/`, { width: 1120, height: 680 }],
  ["project", `${url}/projects/proj_weather`, { width: 1120, height: 860 }],
  ["server", called, { width: 1120, height: 1020 }],
  ["grant", await authorization("grace@example.com"), { width: 560 }],
  ["sign-in", signIn(), { width: 560 }],
] as const;
await Deno.mkdir(pictures, { recursive: true });
for (const [name, address, size] of shown) {
  // A page without a height is shown as a whole.
  await page.setViewport({ height: 100, ...size, deviceScaleFactor: 1.5 });
  await open(page, address);
  const picture = await page.screenshot({
    type: "webp",
    quality: 80,
    fullPage: !("height" in size),
  });
  await Deno.writeFile(`${pictures}/${name}.webp`, picture);
}
if (folder !== undefined) {
  await takeAll(page, folder, [
    ...shown.map(([name, address]) => [name, address] as const),
    ["found", `${url}/?filter=WEATHER_A`],
    ["nothing-found", `${url}/?filter=nothing-like-it`],
    ["empty-project", `${url}/projects/proj_notes`],
    ["long-project", await longProject()],
    ["calls", `${url}/calls`],
    ["call", call],
    ["events", `${url}/events`],
    ["device", `${url}/device`],
    ["device-code", `${url}/device?user_code=BBBB-BBBB`],
    ["remove", `${url}/dashboard/remove?kind=project&id=proj_website`],
    ["not-removed", `${url}/dashboard/remove`],
    ["not-found", `${url}/nothing-here`],
    ["unnamed-provider", await authorization("user-123", "gihtub")],
  ]);
  const stranger = await browser.createBrowserContext();
  await takeAll(await stranger.newPage(), folder, [["code", `${url}/`]]);
}

/** Makes every random number the same in each run. */
function fixRandomness(): void {
  let state = 1;
  const next = () => state = Math.imul(state, 48271) >>> 0 || 1;
  crypto.getRandomValues = (array) => {
    if (array === null) return array;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (const at of bytes.keys()) bytes[at] = next() >>> 16;
    return array;
  };
  crypto.randomUUID = () => {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${
      hex.slice(20)
    }`;
  };
}

function parameter(
  name: string,
  val_type: string,
  { required = false, description, ...schema }: Mapping,
): Mapping {
  return { name, required, description, value_schema: { val_type, ...schema } };
}

function toolOf(name: string, description: string): Mapping {
  return {
    name,
    fully_qualified_name: `Weather.${name}`,
    description,
    toolkit: { name: "Weather", description: null, version: "1.0.0" },
    output: { available_modes: ["value", "error"], value_schema: { val_type: "json" } },
    requirements: { authorization: null, secrets: null },
    deprecation_message: null,
  };
}

async function request(path: string, body: unknown): Promise<Mapping> {
  const answer = await fetch(`${url}/v1/${path}`, {
    method: "POST",
    headers: { authorization: key },
    body: JSON.stringify(body),
  });
  return await answer.json();
}

/** Calls tools: with success, without a secret, and without a grant. */
async function example(): Promise<void> {
  const user_id = "ada@example.com";
  const calls = [
    ["Weather.Greet", { name: "Ada" }],
    ["Weather.SaveReport", { repository: "ada/weather" }],
    ["Weather.Forecast", { city: "Paris", days: "three" }],
    ["Weather.Forecast", { city: "Paris", days: 3 }],
  ] as const;
  for (const [tool_name, input] of calls) {
    await request("tools/execute", { tool_name, input, user_id });
  }
  await request("tools/execute", {
    tool_name: "Weather.SaveReport",
    input: { repository: "grace/compiler" },
    user_id: "grace@example.com",
  });
}

/** The address of the page where a user decides. */
async function authorization(user_id: string, provider_id = "github"): Promise<string> {
  const { url } = await request("auth/authorize", {
    user_id,
    auth_requirement: { provider_id, oauth2: { scopes: ["repo", "read:user"] } },
  });
  return String(url);
}

/** The address of the page of a login. */
function signIn(): string {
  const query = new URLSearchParams({
    client_id: "arcade-cli",
    response_type: "code",
    redirect_uri: "http://127.0.0.1:9905/callback",
    scope: "openid offline_access",
    state: "state",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  });
  return `${url}/oauth2/authorize?${query}`;
}

/** A project with names in other scripts, long names, and more than a page shows. */
async function longProject(): Promise<string> {
  const [cookie] = await browser.cookies();
  const send = async (form: string, fields: Record<string, string>) => {
    const answer = await fetch(`${url}/dashboard/${form}`, {
      method: "POST",
      headers: { cookie: `${cookie?.name}=${cookie?.value}`, origin: url },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    await answer.body?.cancel();
    return answer.headers.get("location") ?? "";
  };
  const name =
    "تطبيق الطقس للمدن الكبيرة and a name that goes on until it has about 100 characters";
  const path = await send("projects", { organization: "org_engines", name });
  const project = path.split("/").at(-1) ?? "";
  const keys = Array.from({ length: 130 }, (_, at) => `KEY_${at}_OF_AN_EXTERNAL_SERVICE`);
  for (const key of [...keys, "K".repeat(256)]) {
    await send("project_secrets", { project, key, value: "value" });
  }
  for (const name of ["מזג אוויר", "A gateway with a rather long name, for all of the clients"]) {
    await send("gateways", { project, name });
  }
  await send("api_keys", { project });
  return url + path;
}

async function linkIn(page: Page, address: string, path: string): Promise<string> {
  await page.goto(address);
  return await page.$eval(`main a[href^='${path}']`, (link) => link.href);
}

/** Calls a tool with the form of its page. Returns the address that shows the result. */
async function callOn(page: Page, address: string): Promise<string> {
  await page.goto(address);
  await page.locator("[name='input.city']").fill("Paris");
  await page.locator("[name='input.days']").fill("3");
  await page.locator("section.tool form.call button.go").click();
  await page.waitForSelector("#output");
  return page.url();
}

/** Opens a page, and shows the ports of each run as the usual ones. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  const ports = { [arcade.port]: 8000, [new URL(weather.url).port]: 8001 };
  await page.evaluate(`{
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const [port, shown] of Object.entries(${JSON.stringify(ports)})) {
        texts.currentNode.data = texts.currentNode.data.replaceAll(":" + port, ":" + shown);
      }
    }
  }`);
}

async function takeAll(
  page: Page,
  folder: string,
  pages: readonly (readonly [name: string, address: string])[],
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, address] of pages) {
    for (const width of [375, 1280]) {
      await page.setViewport({ width, height: 800 });
      for (const value of ["light", "dark"]) {
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
        await open(page, address);
        await page.screenshot({ path: `${folder}/${name}-${width}-${value}.png`, fullPage: true });
      }
    }
  }
}
