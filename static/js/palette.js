// The command palette. The server finds and draws the lines; here they are asked for, walked and chosen.
(() => {
  "use strict";
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const find = (selector) => dialog.querySelector(selector);
  const field = find("[role=combobox]"), list = find("[role=listbox]"), says = find("[data-says]");
  const lines = () => [...list.querySelectorAll("[role=option]")];
  const WAIT = 120;

  // ---- Which line is meant ---------------------------------------------------------------------------------

  const chosen = () => document.getElementById(field.getAttribute("aria-activedescendant"));
  const mark = (line) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!line) return field.removeAttribute("aria-activedescendant");
    line.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", line.id);
    // The first line comes with the title above it.
    line === lines()[0] ? list.scrollTo(0, 0) : line.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const all = lines();
    mark(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  };

  // ---- Asking ----------------------------------------------------------------------------------------------

  let timer = 0, asking = null, hurried = false, leaving = false;

  const show = (text, parts = [], sure = false) => {
    list.replaceChildren(...parts);
    field.setAttribute("aria-expanded", String(parts.length > 0));
    says.textContent = text;
    mark(lines()[0]);
    // Enter was pressed before the answer came: do it if nothing else can have been meant.
    if (hurried && sure) choose(chosen());
    hurried = false;
  };
  const faults = {
    401: () => location.assign(`${document.body.dataset.signInUrl}?next=${encodeURIComponent(location.pathname)}`),
    403: () => show("This page is out of date. Reload it, then try again."),
    503: () => show("Busy. Type again in a few seconds."),
  };
  const fault = (reply) => {
    if (faults[reply.status]) return faults[reply.status]();
    const reference = (reply.headers.get("X-Request-Id") || "").slice(0, 8).toUpperCase();
    show(`Something went wrong on our side. Reference ${reference}`);
  };
  const draw = (html) => {
    const found = new DOMParser().parseFromString(html, "text/html").querySelector("[data-says]");
    show(found.dataset.says, [...found.children], "sure" in found.dataset);
  };
  // An answer to what is no longer in the field is dropped.
  const drop = () => {
    clearTimeout(timer);
    asking?.abort();
    timer = 0;
    asking = null;
    hurried = false;
  };
  const ask = async () => {
    const enter = hurried;
    drop();
    hurried = enter;
    const mine = (asking = new AbortController());
    const isStale = () => asking !== mine || !dialog.open;
    const options = { method: "POST", body: window.sending.formData(field.form), headers: { "HX-Request": "true", ...window.sending.headers() }, signal: mine.signal };
    try {
      const reply = await fetch(field.form.action, options);
      const text = await reply.text();
      if (isStale()) return;
      asking = null;
      reply.ok ? draw(text) : fault(reply);
    } catch {
      if (isStale()) return;
      asking = null;
      show("The server was not reached. Check the connection, then type again.");
    }
  };
  const isUnanswered = () => Boolean(timer || asking);
  const askSoon = () => {
    drop();
    timer = setTimeout(ask, WAIT);
  };

  // ---- Choosing --------------------------------------------------------------------------------------------

  const go = (url) => {
    if (url === location.pathname + location.search) return dialog.close();
    leave();
    location.assign(url);
  };
  // Where the page has the very button, it is pressed: it keeps what is typed there.
  const send = (url, operation) => {
    const button = document.querySelector(`[formaction="${CSS.escape(url)}"]`);
    if (button) return dialog.close(), button.click();
    const form = find("[data-sends]");
    form.action = url;
    form.elements.operation_id.value = operation;
    leave();
    form.requestSubmit();
  };
  const fill = (text) => {
    field.value = text;
    ask();
  };
  const leave = () => {
    leaving = true;
    says.textContent = "Opening…";
  };
  const choose = (line) => {
    if (!line || leaving) return;
    const { url, post, operation, dialog: dialogId, fill: text } = line.dataset;
    if (url) go(url);
    else if (post) send(post, operation);
    else if (text) fill(text);
    else dialog.close(), document.getElementById(dialogId).showModal();
  };

  // ---- Opening and closing ---------------------------------------------------------------------------------

  const open = (text) => {
    if (document.querySelector("dialog[open]")) return;
    field.value = text;
    dialog.showModal();
    ask();
  };
  // Nothing of a patient stays behind in a closed window.
  const forget = () => {
    drop();
    leaving = false;
    field.value = "";
    show("");
  };
  dialog.addEventListener("close", forget);
  window.addEventListener("pageshow", (event) => event.persisted && dialog.close());
  document.addEventListener("click", (event) => event.target.closest?.("[data-opens-palette]") && open(""));
  // The caseload's own field asks here too: a name in the address would stay in the browser's history.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-finds]")) return;
    event.preventDefault();
    open(event.target.elements.q.value);
  });

  // ---- Keys and pointer ------------------------------------------------------------------------------------

  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => mark(lines()[0]),
    End: () => mark(lines().at(-1)),
    Enter: () => (isUnanswered() ? (hurried = true) : choose(chosen())),
  };
  field.addEventListener("input", askSoon);
  field.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
    if (event.isComposing || modified || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  field.form.addEventListener("submit", (event) => event.preventDefault());
  // No key of the page below answers while this is open, nor the browser's own search.
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") event.preventDefault(), field.select();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  find("[data-close]").addEventListener("click", () => dialog.close());
})();
