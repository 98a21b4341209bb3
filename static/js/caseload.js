// Keys of the caseload and the chart: J and K (or the arrows) move from patient to patient, Enter opens,
// S starts a session, L logs a past one, E escalates. Each has a visible control; letters can be switched off in the shortcut list.
(() => {
  "use strict";
  const lettersOn = () => !document.cookie.split("; ").includes("letters=off");
  const typing = (element) => Boolean(element?.closest?.("input, select, textarea, [contenteditable], dialog[open]"));
  const rows = [...document.querySelectorAll("[data-rows] [data-row]")];

  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const move = (step) => {
    const at = here();
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    next?.querySelector("[data-open]").focus();
    return Boolean(next);
  };
  // On the chart there is one patient; on the caseload the one that holds the focus is meant.
  const inRow = (selector) => {
    const row = rows.length ? rows[here()] : document.querySelector("[data-row]");
    const control = row?.querySelector(selector);
    control?.click();
    return Boolean(control);
  };
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    s: () => inRow("[data-start]"),
    l: () => inRow("[data-log-past]"),
    e: () => inRow("[data-escalate]"),
  };
  const arrows = { ArrowDown: () => here() >= 0 && move(1), ArrowUp: () => here() >= 0 && move(-1) };

  let afterG = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const second = event.timeStamp - afterG < 1500;
    afterG = event.key === "g" ? event.timeStamp : -Infinity;
    const act = arrows[event.key] || (!second && lettersOn() && acts[event.key.toLowerCase()]);
    if (act && act()) event.preventDefault();
  });
})();
