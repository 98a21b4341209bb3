// The frame's behavior: htmx manners, focus, keys, the idle sign-out. Pages work without any of it.
(() => {
  "use strict";
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const body = document.body;

  // ---- htmx ------------------------------------------------------------------------------------------------

  // A poll that nobody asked for must not keep a session alive.
  // What a person presses inside a part that was loaded so is no poll: that part says data-foreground.
  const isBackground = (element) =>
    Boolean(element?.closest?.("[data-background], [data-foreground]")?.matches("[data-background]"));

  document.addEventListener("htmx:configRequest", (event) => {
    if (isBackground(event.detail.elt)) event.detail.headers["X-Background"] = "1";
  });

  // Never take away what the person is in: the caret, an open list with the focus inside.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.contains(document.activeElement)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const held = event.detail.target?.contains(document.activeElement);
    if (held && isBackground(event.detail.requestConfig?.elt)) event.detail.shouldSwap = false;
  });

  const OTHER_PERSON = "Somebody else signed in since this page was opened. Nothing was sent. Sign in as yourself in a new window, then try again here.";
  const problem = (text) => {
    const place = find("#problems");
    const line = document.createElement("p");
    line.className = "message message-error";
    line.textContent = text;
    place.replaceChildren(line);
  };

  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (isBackground(requestConfig?.elt) || xhr.status === 401) return;
    const reference = (xhr.getResponseHeader("X-Request-Id") || "").slice(0, 8).toUpperCase();
    const what = {
      403: xhr.getResponseHeader("X-Other-Person") ? OTHER_PERSON : "Your role cannot do this. Nothing was changed.",
      404: "This is no longer here. Reload the page to see what is.",
      429: "Too many tries. Wait a little, then try again.",
      503: "Busy. Nothing is lost. Try again.",
    };
    problem((what[xhr.status] || "Something went wrong on our side. Nothing was changed.") + ` Reference ${reference}`);
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!isBackground(event.detail.requestConfig?.elt))
      problem("The server was not reached. Keep this page open, check the connection and try again.");
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isBackground(event.detail.elt)) find("#problems").replaceChildren();
  });

  // ---- Focus -----------------------------------------------------------------------------------------------

  const focusOn = (element) => {
    if (!element) return false;
    if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
    element.focus();
    return true;
  };

  const showErrors = (root) => {
    const summary = find("[data-error-summary]", root);
    if (!summary) return false;
    if (!document.title.startsWith("Error: ")) document.title = `Error: ${document.title}`;
    return focusOn(summary);
  };

  document.addEventListener("htmx:afterSettle", (event) => {
    if (isBackground(event.detail.requestConfig?.elt)) return;
    const target = event.detail.elt;
    if (showErrors(target)) return;
    const lost = !document.activeElement || document.activeElement === body;
    if (lost) focusOn(find("[data-focus-after]", target) || find("h1, h2, h3", target) || target);
  });

  // A link of the summary leads into the control itself, not only to its place.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-error-summary] a[href^='#']");
    const control = link && document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    control.focus();
  });

  // ---- Sent once -------------------------------------------------------------------------------------------

  // Decoration: the server refuses the second one anyway.
  const RELEASE_AFTER = 5000;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    const buttons = all("button:not([type=button]), input[type=submit]", form);
    // After this turn, so that the pressed button's own value is still sent.
    setTimeout(() => buttons.forEach((button) => (button.disabled = true)));
    setTimeout(() => release(form), RELEASE_AFTER);
  });
  const release = (form) => {
    if (!form.dataset.sent) return;
    delete form.dataset.sent;
    all("button:not([type=button]), input[type=submit]", form).forEach((button) => (button.disabled = false));
  };
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(release));

  // ---- Menus and dialogs -----------------------------------------------------------------------------------

  const closeMenus = (except) => all("details.menu[open]").forEach((menu) => menu !== except && (menu.open = false));

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest?.("details.menu"));
    const opener = event.target.closest?.("[data-opens]");
    if (opener) openDialog(document.getElementById(opener.dataset.opens));
  });
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest?.("details.menu")));

  const openDialog = (dialog) => {
    if (!dialog || dialog.open) return;
    closeMenus();
    dialog.showModal();
  };

  // ---- Keys ------------------------------------------------------------------------------------------------

  // Single keys can be switched off (they get in the way of speech input). The cookie holds nothing else.
  const lettersOn = () => !document.cookie.split("; ").includes("letters=off");
  const setLetters = (on) => {
    document.cookie = on ? "letters=; path=/; max-age=0; samesite=lax" : "letters=off; path=/; max-age=31536000; samesite=lax";
  };
  const typing = (element) => Boolean(element?.closest?.("input, select, textarea, [contenteditable], dialog[open]"));

  let afterG = 0;
  const WAIT_FOR_SECOND = 1500;

  const press = (element) => (element ? (element.click(), true) : false);
  const openPalette = () => press(find("[data-opens-palette]"));

  const singleKeys = {
    "/": openPalette,
    "?": () => openDialog(find("#shortcuts")),
    t: () => press(find("#clock-pill a[href]")),
    g: () => (afterG = Date.now()),
  };

  const goTo = (key) => press(find(`[data-go="${CSS.escape(key)}"]`));
  const toHistory = () => press(find("main a[data-history]"));

  const act = (event) => {
    const key = event.key.toLowerCase();
    const second = Date.now() - afterG < WAIT_FOR_SECOND;
    afterG = 0;
    if (event.shiftKey && key === "h") return toHistory();
    if (second && goTo(key)) return true;
    if (!singleKeys[key]) return false;
    singleKeys[key]();
    return true;
  };
  const onKey = (event) => {
    if (event.key === "Escape") return closeTopMenu();
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "k") return openPalette() && event.preventDefault();
    if (command || event.altKey || typing(event.target) || !lettersOn() || !act(event)) return;
    event.preventDefault();
    // The page's own keys come after these: one press, one act.
    event.stopImmediatePropagation();
  };
  const closeTopMenu = () => {
    const menu = find("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    find("summary", menu).focus();
  };
  document.addEventListener("keydown", onKey);

  const letters = find("[data-letters]");
  if (letters) {
    letters.checked = lettersOn();
    letters.addEventListener("change", () => setLetters(letters.checked));
  }

  // ---- Idle sign-out ---------------------------------------------------------------------------------------

  // The server decides. The page only calculates when to ask it, and shows what it says.
  const WARN_AT = 120, TRY_AGAIN = 5000;
  const idle = find("#timeout");
  let deadline = 0;
  const leftNow = () => Math.round((deadline - Date.now()) / 1000);
  const setLeft = (seconds) => (deadline = Date.now() + seconds * 1000);

  const askServer = async (url, { headers, ...options } = {}) => {
    const asks = { Accept: "application/json", ...headers };
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: asks, ...options });
    if (response.status === 401 || response.redirected) return leave();
    if (response.ok) setLeft((await response.json()).left);
    return response.status;
  };
  const leave = () => {
    setLeft(0);
    location.assign(`${body.dataset.signInUrl}?next=${encodeURIComponent(location.pathname.replace(/^[/\\]+/, "/"))}`);
  };
  const look = () => askServer(body.dataset.leftUrl, { headers: { "X-Background": "1" } });
  const stay = async () => {
    const headers = window.sending.headers();
    const status = await askServer(body.dataset.stayUrl, { method: "POST", headers }).catch(() => 503);
    if (status === 503 && idle.open) setTimeout(stay, TRY_AGAIN);
    if (leftNow() > WARN_AT) closeWarning();
  };
  const closeWarning = () => idle.open && idle.close();

  const words = (seconds) => `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  const warn = () => {
    const at = new Date(deadline).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    find("[data-timeout-at]", idle).textContent = at;
    find("[data-timeout-left]", idle).textContent = words(Math.max(0, leftNow()));
    openDialog(idle);
  };

  let asked = 0;
  const ASK_EVERY = 10000;
  const tick = async () => {
    if (leftNow() > WARN_AT) return closeWarning();
    if (Date.now() - asked >= ASK_EVERY || leftNow() <= 0) {
      asked = Date.now();
      // Another tab, or the clock's heartbeat, may have extended it meanwhile.
      await look().catch(() => {});
    }
    if (leftNow() > WARN_AT) return closeWarning();
    if (leftNow() > 0) warn();
  };

  if (idle && body.dataset.idleLeft) {
    setLeft(Number(body.dataset.idleLeft));
    setInterval(tick, 1000);
    document.addEventListener("visibilitychange", tick);
    find("[data-stay]", idle).addEventListener("click", stay);
    idle.addEventListener("cancel", (event) => (event.preventDefault(), stay()));
    idle.addEventListener("keydown", (event) => {
      if (!["Tab", "Enter", " ", "Shift"].includes(event.key)) stay();
    });
    // What the person asked for has extended it on the server, which notes that every 20 seconds at most.
    const whole = Number(body.dataset.idleLeft) - 20;
    document.addEventListener("htmx:afterRequest", (event) => {
      if (!isBackground(event.detail.elt) && event.detail.successful) setLeft(Math.max(leftNow(), whole));
    });
  }

  // ---- At load ---------------------------------------------------------------------------------------------

  showErrors(document);
})();
