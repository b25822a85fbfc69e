/**
 * The script of the page of a server. The page works without it; with it, forms and links replace only the regions of the page
 * that differ, changes appear automatically, and there are keyboard shortcuts. It never creates HTML from text.
 */
export const SERVER_SCRIPT = `"use strict";
(() => {
  const REGIONS = ["state", "tools", "about", "needs", "form", "result", "calls"];
  const MOST_LINES = 1000;
  const root = document.querySelector(".server");
  const region = (id) => document.getElementById(id);
  // The server's last version of each region, without the user's changes.
  const sent = new Map(REGIONS.map((id) => [id, region(id).outerHTML]));
  let busy = 0;

  /** Replaces the regions that differ. The fields of the user are kept, unless the page answers a form. */
  function replace(page, { isAnswer }) {
    for (const id of REGIONS) {
      const [old, given] = [region(id), page.getElementById(id)];
      const html = given.outerHTML;
      if (sent.get(id) === html && !(isAnswer && ["needs", "form"].includes(id))) continue;
      sent.set(id, html);
      const next = document.importNode(given, true);
      if (!isAnswer) keepFields(old, next);
      const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
      const scrolled = old.querySelector("ul")?.scrollTop;
      old.replaceWith(next);
      if (scrolled) next.querySelector("ul")?.scrollTo(0, scrolled);
      if (focused !== "") region(focused)?.focus({ preventScroll: true });
    }
    document.title = page.title;
    showCopyButtons();
  }

  function keepFields(old, next) {
    const fields = [...next.querySelectorAll("input, select, textarea")];
    for (const field of old.querySelectorAll("input, select, textarea")) {
      const isChoice = field.type === "checkbox";
      const same = fields.find((one) =>
        one.name === field.name && one.type === field.type && (!isChoice || one.value === field.value)
      );
      if (same === undefined || field.type === "hidden") continue;
      if (isChoice) same.checked = field.checked;
      else if (field.value !== (field.defaultValue ?? "")) same.value = field.value;
    }
    const open = [...old.querySelectorAll("details")];
    next.querySelectorAll("details").forEach((one, i) => one.open = open[i]?.open ?? one.open);
  }

  /** Requests a page. It is parsed, but its scripts do not run. */
  function load(method, url, body) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.responseType = "document";
      request.onload = () => resolve(request);
      request.onerror = () => resolve(undefined);
      if (body !== undefined) {
        request.setRequestHeader("content-type", "application/x-www-form-urlencoded");
      }
      request.send(body);
    });
  }

  /** Shows the page of a response. A page without these regions asks for the code, for example. */
  function show(request, options) {
    const page = request?.response;
    if (!page?.getElementById("calls")) return location.reload();
    replace(page, options);
    if (request.status === 200 && options.history) {
      history[options.history](null, "", request.responseURL);
    }
  }

  async function go(url, options) {
    busy++;
    show(await load("GET", url), { isAnswer: true, ...options });
    busy--;
  }

  /** Shows what has changed. */
  async function refresh() {
    if (busy > 0) return setTimeout(refresh, 250);
    busy++;
    const request = await load("GET", location.href);
    busy--;
    if (request?.response?.getElementById("calls")) show(request, { isAnswer: false });
  }

  addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (!("live" in form.dataset) || submitter?.dataset.leave !== undefined) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    const data = new URLSearchParams(new FormData(form, submitter));
    if (form.method === "get") return go(form.action + "?" + data, { history: "pushState" });
    form.ariaBusy = "true";
    busy++;
    const request = await load("POST", form.action, data);
    busy--;
    form.ariaBusy = "false";
    show(request, { isAnswer: true, history: "replaceState" });
    // For screen readers, without the whole result.
    region("told").textContent = document.querySelector("#result h3")?.textContent ?? "";
    document.querySelector("#form [aria-invalid], #needs [aria-invalid]")?.focus();
  });

  addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy !== null) {
      await navigator.clipboard.writeText(region(copy.dataset.copy).textContent);
      copy.textContent = "Copied";
      return setTimeout(() => copy.textContent = "Copy", 2000);
    }
    const link = event.target.closest("a[data-live]");
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link === null || event.button !== 0 || !isPlain) return;
    event.preventDefault();
    await go(link.href, { history: "pushState" });
    region("about").querySelector("h2")?.focus();
  });

  addEventListener("popstate", () => go(location.href, {}));

  const filter = region("filter");
  let typing;
  filter.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      const url = new URL(location.href);
      url.searchParams.set("filter", filter.value);
      go(url.href, { history: "replaceState", isAnswer: false });
    }, 150);
  });

  addEventListener("keydown", (event) => {
    const isField = event.target.closest("input, select, textarea") !== null;
    if (event.key === "/" && !isField && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      filter.focus();
      filter.select();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      const form = document.querySelector("form.call");
      form?.requestSubmit(form.querySelector(".go"));
    }
  });

  function showCopyButtons() {
    // Only there for pages of this machine, and over https.
    if (navigator.clipboard === undefined) return;
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  }

  function addLines(lines) {
    const log = region("lines");
    const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    log.querySelector(".empty")?.remove();
    for (const { time, pieces } of lines) {
      const line = element("span", "log-line", "");
      line.append(element("span", "quiet", time), "  ");
      for (const [text, classes] of pieces) line.append(element("span", classes, text));
      line.append("\\n");
      log.append(line);
    }
    while (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }

  function element(name, classes, text) {
    const made = document.createElement(name);
    made.className = classes;
    made.textContent = text;
    return made;
  }

  let stream;
  let { live, version, time } = root.dataset;
  function listen() {
    stream = new EventSource(live + "&version=" + version + "&time=" + time);
    stream.addEventListener("log", ({ data, lastEventId }) => {
      time = lastEventId;
      addLines(JSON.parse(data));
    });
    stream.addEventListener("changed", ({ data }) => {
      version = data;
      refresh();
    });
    stream.addEventListener("error", () => {
      stream.close();
      listenLater(stream);
    });
  }

  /** Listens again as soon as the server is there. */
  async function listenLater(closed) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // A page that was hidden and shown again listens already.
    if (document.hidden || stream !== closed) return;
    const request = await load("GET", location.href);
    if (request?.status === 403) return location.reload();
    const isThere = Boolean(request?.response?.getElementById("calls"));
    region("offline").hidden = isThere;
    if (!isThere) return listenLater(closed);
    show(request, { isAnswer: false });
    listen();
  }

  // A hidden page needs no connection, of which a browser has only a few.
  document.addEventListener("visibilitychange", () => {
    stream.close();
    if (!document.hidden) listen();
  });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) listen();
  });

  for (const one of document.querySelectorAll("[data-refresh]")) one.hidden = true;
  const log = region("lines");
  if (log !== null) log.scrollTop = log.scrollHeight;
  showCopyButtons();
  listen();
})();
`;
