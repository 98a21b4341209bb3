// The live session: draws the server's clock, saves what is typed, answers to keys. Everything works without it, by forms.
(() => {
  "use strict";
  const form = document.getElementById("session-form");
  if (!form) return;
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...(root?.querySelectorAll(selector) || [])];
  const byId = (id) => document.getElementById(id);
  // Not form.action: a field of the note has that name.
  const saveAt = new URL(form.getAttribute("action"), location).href;
  const BEAT_EVERY = 5000, LOOK_EVERY = 15000, SAVE_AFTER = 800, TRY_AGAIN = 5000, SAY_SAVED_EVERY = 30000;

  // ---- Words, as the server says them ----------------------------------------------------------------------

  const two = (number) => String(number).padStart(2, "0");
  const inWords = (seconds) => {
    const minutes = Math.floor(seconds / 60), rest = seconds % 60;
    if (minutes && rest) return `${minutes} min ${two(rest)} s`;
    return minutes || !rest ? `${minutes} min` : `${rest} s`;
  };
  const onTheClock = (seconds) => {
    const hours = Math.floor(seconds / 3600), minutes = Math.floor((seconds % 3600) / 60);
    return (hours ? `${hours}:` : "") + `${two(minutes)}:${two(seconds % 60)}`;
  };
  // The time of day by the server, whose clock also says when something was saved; this computer's may be wrong.
  let began = Date.now() - performance.now();
  const clockNow = () => new Date(began + performance.now()).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

  let saidSaved = 0;
  const announce = (text) => (byId("announce").textContent = text);

  // ---- Requests --------------------------------------------------------------------------------------------

  const freshId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const ask = async (url, { body, background = false, input = false, accept = "text/html" } = {}) => {
    const headers = { Accept: accept, "HX-Request": "true", "HX-Current-URL": location.href, ...window.sending.headers() };
    if (background) headers["X-Background"] = "1";
    if (input) headers["X-Input"] = "1";
    const sent = performance.now();
    const reply = await fetch(url, { method: body ? "POST" : "GET", body, headers, credentials: "same-origin", cache: "no-store" });
    readAt = (sent + performance.now()) / 2;
    began = Date.parse(reply.headers.get("Date")) - readAt || began;
    return reply;
  };

  // Advice comes when a field was left, not under the hands that type in it.
  let typingIn = null, advice = null;
  const leaveField = () => {
    typingIn = null;
    if (!advice) return;
    byId("note-check").replaceWith(document.adoptNode(advice));
    advice = null;
    sayRemarks();
  };
  // Each part of the reply takes the place of the one with its id; never one in which somebody types.
  const putParts = (html) => {
    const held = document.activeElement;
    const heldId = held?.id;
    for (const part of all("[data-part]", new DOMParser().parseFromString(html, "text/html"))) {
      const old = byId(part.id);
      const typedIn = old?.contains(held) && held.matches("input, textarea, select");
      if (!old || typedIn) continue;
      if (old.id === "note-check" && typingIn) {
        advice = part;
        continue;
      }
      // Nothing new to read: a screen reader is not told again, and what was typed there stays.
      if (old.id === "ask" && old.textContent.trim() === part.textContent.trim()) continue;
      // What was unfolded stays so.
      for (const folded of all("details[id]", part)) folded.open = Boolean(byId(folded.id)?.open);
      old.replaceWith(document.adoptNode(part));
    }
    if (heldId && document.activeElement === document.body) byId(heldId)?.focus();
    readClock();
  };

  // ---- The clock -------------------------------------------------------------------------------------------

  const clock = { state: "none", seconds: 0, running: false, signed: 0, lines: [], at: 0 };
  const setClock = (told, at) => Object.assign(clock, told, { at });
  // The server read its clock somewhere between our asking and its answer.
  let readAt = (() => {
    const load = performance.getEntriesByType("navigation")[0];
    return load ? (load.requestStart + load.responseStart) / 2 : performance.now();
  })();
  const readClock = () => {
    const data = byId("clock").dataset;
    setClock({
      state: data.state,
      seconds: Number(data.seconds),
      running: data.running === "1",
      signed: Number(data.signed),
      uncounted: Number(data.uncounted),
      counts: data.counts === "1",
      lines: data.lines.split(" ").map(Number),
    }, readAt);
    draw();
  };
  const measured = () => clock.seconds + (clock.running ? Math.floor((performance.now() - clock.at) / 1000) : 0);

  // Of the session what signing would add to the month, as the server last said it. A clock that has just begun counts.
  const counted = (seconds) => (clock.counts || seconds === 0 || clock.uncounted === 0 ? Math.max(0, seconds - clock.uncounted) : 0);
  let drawn = -1, spoken = -1, lastTotal = -1;
  const draw = () => {
    const seconds = measured(), total = clock.signed + counted(seconds);
    const stamp = `${seconds}/${total}/${clock.state}`;
    if (stamp === drawn) return;
    drawn = stamp;
    const digits = find("[data-digits]");
    if (digits) digits.textContent = onTheClock(seconds);
    const minutes = Math.floor(seconds / 60);
    if (minutes !== spoken && find("[data-minutes-words]")) {
      spoken = minutes;
      find("[data-minutes-words]").textContent = `${minutes} minute${minutes === 1 ? "" : "s"}`;
    }
    const shown = find("[data-measured]");
    if (shown) shown.textContent = inWords(seconds);
    drawMinutes(seconds);
    drawMonth(seconds, total);
  };

  const minutesField = byId("id_minutes"), minutesShown = byId("id_minutes_shown");
  // Until somebody changes it, the field follows the clock.
  const drawMinutes = (seconds) => {
    if (document.activeElement === minutesField || minutesField.value !== minutesShown.value) return;
    minutesField.value = minutesShown.value = inWords(seconds);
  };

  const nextLine = (total) => clock.lines.find((line) => total < line * 60);
  const drawMonth = (seconds, total) => {
    const line = nextLine(total);
    const toGo = line ? `${inWords(line * 60 - total)} to ${line} min` : `past ${clock.lines.at(-1)} min`;
    const words = `Signed ${inWords(clock.signed)} + this session ${inWords(counted(seconds))} = ${inWords(total)} · ${toGo}`;
    find("[data-sum]").textContent = words;
    all("[data-together]").forEach((place) => (place.textContent = inWords(total)));
    drawBar(counted(seconds), total, words);
    const crossed = lastTotal >= 0 && clock.lines.find((at) => lastTotal < at * 60 && total >= at * 60);
    lastTotal = total;
    if (crossed) {
      announce(`${crossed} minutes this month`);
      refresh();
    }
  };
  const drawBar = (seconds, total, words) => {
    const bar = find("#month-line .threshold-bar");
    if (!bar) return;
    bar.setAttribute("aria-label", words);
    const width = bar.viewBox.baseVal.width, top = total <= 2400 ? 2400 : 4800;
    const x = (value) => Math.min(width, Math.floor((value * width) / top));
    let running = find(".running", bar);
    if (!running) {
      running = find(".done", bar).cloneNode();
      running.setAttribute("class", "running");
      find(".done", bar).after(running);
    }
    find(".done", bar).setAttribute("width", x(clock.signed));
    running.setAttribute("x", x(clock.signed));
    running.setAttribute("width", Math.max(0, x(total) - x(clock.signed)));
  };

  const refresh = async () => {
    const reply = await ask(form.dataset.live, { background: true }).catch(() => null);
    if (reply?.ok) putParts(await reply.text());
    return Boolean(reply?.ok);
  };

  // ---- The heartbeat ---------------------------------------------------------------------------------------

  let hadInput = false;
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "input"])
    document.addEventListener(kind, () => (hadInput = true), { passive: true, capture: true });

  const LIVE = ["running", "on_call", "asking"];
  // What the month counted when its line was asked for last; at first, what the page itself says of it.
  let shownOf = Number(byId("clock").dataset.signed);
  const beat = async () => {
    const input = hadInput;
    hadInput = false;
    // On the phone is not idle: it counts as input for the sign-out too.
    const reply = await ask(form.dataset.heartbeat, { body: new FormData(), background: true, input: input || clock.state === "on_call", accept: "application/json" }).catch(() => null);
    if (reply?.status === 401) return signedOut();
    if (reply?.status === 403) return refused(reply);
    // Not reached, or busy: the next beat says it again.
    if (!reply?.ok) {
      hadInput ||= input;
      return;
    }
    const told = await reply.json();
    const turned = told.state !== clock.state;
    if (told.state === "ended") return refuseTyping(told.message);
    setClock(told, readAt);
    draw();
    // Somebody signed, or took back, what counts in this month. If the parts do not come, the next beat asks again.
    const grown = told.counted !== shownOf;
    if ((turned || grown) && (await refresh())) shownOf = told.counted;
    if (turned) {
      document.body.dispatchEvent(new Event("clock-changed"));
    }
  };
  let ended = false;
  const refuseTyping = (message) => {
    if (ended) return;
    ended = true;
    state(message, true);
    save();
  };
  const every = (wait, act, when) => setInterval(() => when() && !ended && act(), wait);
  every(BEAT_EVERY, beat, () => LIVE.includes(clock.state));
  every(LOOK_EVERY, refresh, () => clock.state === "paused" && !document.hidden);
  setInterval(draw, 250);
  const lookAgain = () => !document.hidden && !ended && (LIVE.includes(clock.state) ? beat() : clock.state === "paused" && refresh());
  document.addEventListener("visibilitychange", lookAgain);
  window.addEventListener("focus", lookAgain);
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());

  // ---- Saving ----------------------------------------------------------------------------------------------

  const version = byId("id_version");
  let dirty = false, saving = null, timer = 0, failedSince = "", inConflict = false;

  const state = (text, failed = false) => {
    const place = byId("save-state");
    place.textContent = text;
    place.classList.toggle("save-failed", failed);
    if (failed) announce(text);
  };
  const notSaved = (why = "") => {
    failedSince ||= clockNow();
    state(`Not saved since ${failedSince}. Keep this page open; we are trying again${why}`, true);
    clearTimeout(timer);
    timer = setTimeout(save, TRY_AGAIN);
  };
  const SIGNED_OUT = "You were signed out. Keep this page open: sign in again in a new window, then go on here. ";
  const OTHER_PERSON = "Not saved: somebody else signed in since this page was opened. Keep it open, sign in as yourself in a new window, then go on here. ";
  const NOT_ALLOWED = "Not saved: you may no longer write in this session. Copy your words before you leave this page. ";
  // Nothing will be taken until somebody signs in. The link is drawn once: it must not change between press and release.
  const signedOut = (words = SIGNED_OUT) => {
    ended = true;
    if (find("a", byId("save-state"))?.dataset.words === words) return;
    state(words, true);
    const link = document.createElement("a");
    link.href = document.body.dataset.signInUrl || "/sign-in/";
    link.target = "_blank";
    link.textContent = "Sign in";
    link.dataset.words = words;
    byId("save-state").append(link);
  };
  window.addEventListener("focus", () => {
    if (!find("a[data-words]", byId("save-state"))) return;
    ended = false;
    dirty = true;
    save();
  });
  const refused = (reply) => (reply.headers.has("X-Other-Person") ? signedOut(OTHER_PERSON) : state(NOT_ALLOWED, true));

  const save = ({ mine = false } = {}) => {
    clearTimeout(timer);
    if (inConflict && !mine) return Promise.resolve(false);
    // One at a time: what is typed meanwhile goes with the next one.
    if (saving) return saving.then(() => (dirty ? save() : true));
    dirty = false;
    if (!find("a[data-words]", byId("save-state"))) state("Saving…");
    const body = window.sending.formData(form);
    if (mine) body.set("keep_mine", "1");
    saving = send(body).finally(() => (saving = null));
    return saving;
  };
  const send = async (body) => {
    const reply = await ask(saveAt, { body }).catch(() => null);
    if (reply?.status === 401) return dirty = true, signedOut(), false;
    if (reply?.status === 403) return dirty = true, refused(reply), false;
    if (!reply || (!reply.ok && reply.status !== 409)) return dirty = true, notSaved(), false;
    const html = await reply.text();
    putParts(html);
    if (reply.status === 409) return standStill(html);
    failedSince = "";
    inConflict = false;
    took();
    return true;
  };
  // How many remarks the check has is told when it changes; which, is read where they stand.
  const countRemarks = () => Number(byId("note-check").dataset.remarks);
  let remarked = countRemarks();
  const took = () => {
    const told = byId("save-state");
    version.value = told.dataset.version;
    for (const [name, value] of Object.entries(JSON.parse(told.dataset.there || "{}"))) setField(name, value);
    if (!sayRemarks() && Date.now() - saidSaved > SAY_SAVED_EVERY) {
      saidSaved = Date.now();
      announce("Draft saved");
    }
  };
  const sayRemarks = () => {
    const remarks = countRemarks();
    if (remarks === remarked) return false;
    saidSaved = Date.now();
    announce(`Draft saved. Note check: ${remarks} remark${remarks === 1 ? "" : "s"}`);
    remarked = remarks;
    return true;
  };
  const standStill = () => {
    inConflict = true;
    byId("conflict").focus({ preventScroll: true });
    byId("conflict").scrollIntoView({ block: "start" });
    return false;
  };
  // What another screen wrote, or the clock: shown here too.
  const setField = (name, value) => {
    const fields = all(`[name="${CSS.escape(name)}"]`, form);
    const wanted = [value ?? ""].flat().map(String);
    for (const field of fields) {
      if (field.type === "radio") field.checked = wanted.includes(field.value);
      else if (field.type === "checkbox") field.checked = fields.length > 1 ? wanted.includes(field.value) : value === true;
      else field.value = name === "contact_started_at" ? wanted[0].slice(0, 5) : wanted[0];
    }
  };

  const isNote = (element) => element.name && element.form === form && !element.closest("#ask, .discard") && element.type !== "hidden";
  form.addEventListener("input", (event) => {
    if (!isNote(event.target)) return;
    dirty = true;
    typingIn = isText(event.target) ? event.target : null;
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
    showRaise();
    showLonger();
  });
  form.addEventListener("focusout", () => {
    leaveField();
    if (dirty) save();
  });
  document.addEventListener("visibilitychange", () => document.hidden && dirty && save());
  window.addEventListener("beforeunload", (event) => dirty && !leaving && event.preventDefault());

  // A longer time than measured needs its reason; the field shows when it is needed.
  const raise = byId("raise");
  const LENGTHS = [/^(?<m>\d{1,4})(?::(?<s>\d\d))?$/, /^(?<h>\d{1,2}) ?h(?: ?(?<m>\d{1,2}) ?m(?:in)?)?$/, /^(?<m>\d{1,4}) ?m(?:in)?(?: ?(?<s>\d{1,2}) ?s(?:ec)?)?$/];
  const seconds = (typed) => {
    const text = typed.trim().toLowerCase();
    const { h = 0, m = 0, s = 0 } = LENGTHS.map((length) => length.exec(text)).find(Boolean)?.groups || {};
    return Number(h) * 3600 + Number(m) * 60 + Number(s);
  };
  const typedSeconds = () => seconds(minutesField.value);
  const showRaise = () => {
    if (!raise || find(".is-invalid", raise)) return;
    const longer = minutesField.value !== minutesShown.value && typedSeconds() > measured();
    raise.hidden = !longer && !find("input", raise).value;
  };
  // So does a contact that took longer than the session.
  const longer = byId("longer"), contactField = byId("id_contact_seconds");
  const showLonger = () => {
    if (!longer || !contactField || find(".is-invalid", longer)) return;
    const over = seconds(contactField.value) - (minutesField.value !== minutesShown.value ? typedSeconds() : measured());
    longer.hidden = over < 60 && !find("input", longer).value && !contactField.matches(".is-invalid");
  };
  minutesField.addEventListener("focus", () => minutesField.select());

  // ---- Buttons ---------------------------------------------------------------------------------------------

  let leaving = false, acting = false;
  form.addEventListener("submit", async (event) => {
    if (leaving) return;
    event.preventDefault();
    const button = event.submitter;
    if (button?.dataset.keepMine !== undefined) return save({ mine: true });
    if (button?.dataset.clock !== undefined) return act(button);
    const target = button?.getAttribute("formaction");
    if (!target && !button?.name) return save();
    await depart(button);
  });
  // Signing and leaving go as plain forms, after whatever is being saved has arrived.
  const depart = async (button) => {
    if (acting) return;
    acting = true;
    clearTimeout(timer);
    while (saving) await saving;
    // Without the server the page stays: it is the only copy of what was typed.
    if (dirty && !inConflict && !(await save())) return (acting = false);
    goAway(button);
  };
  const goAway = (button) => {
    leaving = true;
    // In a turn of its own: a form that is just being submitted ignores a second wish to be.
    setTimeout(() => form.requestSubmit(button));
  };
  window.addEventListener("pageshow", () => (leaving = acting = false));

  const act = async (button) => {
    if (acting) return;
    acting = true;
    const body = new FormData();
    body.set("operation_id", freshId());
    if (button.name) body.set(button.name, button.value);
    for (const field of all("input", button.closest(".question"))) body.set(field.name, field.value);
    const wasId = button.id;
    try {
      if (dirty || saving) await save();
      const reply = await ask(button.formAction, { body });
      if (reply.status === 401) return signedOut();
      if (reply.status === 403) return refused(reply);
      if (reply.status === 503) return state("Busy. Nothing is lost. Press again in a few seconds.", true);
      const html = await reply.text();
      // Another clock runs: that is a page of its own.
      if (reply.status === 409 && !html.includes("data-part")) return goAway(button);
      document.activeElement?.blur?.();
      putParts(html);
      (byId(wasId) || byId("clock-toggle"))?.focus();
      document.body.dispatchEvent(new Event("clock-changed"));
      // The call's start and length went into the note on the server.
      if (wasId === "clock-call" || wasId === "clock-toggle") await save();
    } catch {
      state("The server was not reached. Press again when the connection is back.", true);
    } finally {
      acting = false;
    }
  };
  // The number beside the clock: dialling it is being on call.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-calls]") && clock.state !== "on_call") byId("clock-call")?.click();
  });

  // ---- One tap ---------------------------------------------------------------------------------------------

  const taps = byId("one-tap");
  taps.hidden = false;
  const check = (name, value) => {
    const field = find(`[name="${name}"][value="${value}"]`, form);
    if (field) field.checked = true;
  };
  const fillEmpty = (id, value) => {
    const field = byId(id);
    if (field && !field.value) field.value = value;
  };
  const tap = (button) => {
    check("party", button.dataset.party);
    check("method", button.dataset.method);
    if (button.dataset.action) {
      check("action", button.dataset.action);
      fillEmpty("id_follow_up_on", taps.dataset.next);
      if (!byId("id_data_reviewed").checked) fillEmpty("id_no_data_reason", "Only tried to reach the patient; no readings reviewed.");
    } else fillEmpty("id_contact_started_at", taps.dataset.started);
    all("[data-tap]", taps).forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    changed(button);
    if (button.dataset.party === "caregiver") byId("id_party_name").focus();
  };
  const changed = (element) => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
    return element;
  };
  taps.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tap]");
    if (button) tap(button);
  });
  const noChange = find("#no-change button");
  noChange.parentElement.hidden = false;
  noChange.addEventListener("click", () => {
    check("action", "no_change");
    changed(noChange);
    byId("id_action_detail").focus();
  });
  // One stop for Tab; the arrows go along the row.
  taps.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = all("[data-tap]", taps);
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });

  // ---- Keys ------------------------------------------------------------------------------------------------

  const lettersOn = () => !document.cookie.split("; ").includes("letters=off");
  const isText = (element) =>
    Boolean(element?.closest?.("textarea, select, dialog[open], input:not([type=radio], [type=checkbox])"));
  const press = (element) => (element ? (element.click(), true) : false);
  const byKey = (key) => {
    const tapped = find(`[data-tap="${key}"]`, taps);
    if (tapped) return press(tapped);
    if (key === "r") return press(byId("id_data_reviewed"));
    if (key === "n") return press(noChange);
    if (key === "o") return press(byId("clock-call"));
    if (/^[1-8]$/.test(key)) return press(all("[name=topics]", form)[Number(key) - 1]);
    return false;
  };
  const onKey = (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === "Enter") return press(byId(event.shiftKey ? "sign-next" : "sign"));
    if (command && event.key.toLowerCase() === "s") return save(), true;
    if (command) return false;
    const key = event.altKey ? event.code.replace(/^(Key|Digit)/, "").toLowerCase() : event.key.toLowerCase();
    if (event.altKey) return byKey(key);
    if (isText(event.target) || !lettersOn()) return false;
    // G alone begins “go to” everywhere; for the caregiver it needs Alt, or the focus on the row of buttons.
    if (key === "g" && !taps.contains(event.target)) return false;
    return byKey(key);
  };
  document.addEventListener(
    "keydown",
    (event) => {
      if (find("dialog[open]") || !onKey(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );

  // ---- At load ---------------------------------------------------------------------------------------------

  readClock();
  showRaise();
  showLonger();
  // A page that has just been opened is alive: the first beat does not wait for its turn.
  if (LIVE.includes(clock.state)) beat();
})();
