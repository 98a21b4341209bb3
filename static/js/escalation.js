// An escalation by keyboard: Y acknowledges, A goes to the answer, F refers, D resolves, S starts a session, L logs one.
(() => {
  "use strict";
  const lettersOn = () => !document.cookie.split("; ").includes("letters=off");
  const busy = (element) => element.closest("input:not([type=radio]), select, textarea, [contenteditable], dialog[open]");
  const press = (selector) => {
    const control = document.querySelector(selector);
    control?.click();
    return Boolean(control);
  };
  const toAnswer = () => {
    const first = document.querySelector("[data-answer] input[type=radio]");
    first?.focus();
    return Boolean(first);
  };
  const acts = {
    y: () => press("[data-acknowledge] button"),
    a: toAnswer,
    f: () => press("[data-refer]"),
    d: () => press("[data-resolve]"),
    s: () => press("[data-start]"),
    l: () => press("[data-log-past]"),
  };
  let afterG = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || busy(event.target) || !lettersOn()) return;
    const second = event.timeStamp - afterG < 1500;
    afterG = event.key === "g" ? event.timeStamp : -Infinity;
    const act = !second && acts[event.key.toLowerCase()];
    if (act && act()) event.preventDefault();
  });
})();
