// The claim by keyboard: A approves, H goes to the hold's reason. Coming from the queue by H does too.
(() => {
  "use strict";
  const lettersOn = () => !document.cookie.split("; ").includes("letters=off");
  const busy = (element) => element.closest("input, select, textarea, [contenteditable], dialog[open]");
  const toHold = () => document.querySelector("[data-hold] textarea")?.focus();
  const acts = { a: () => document.querySelector("[data-key=a]:not(:disabled)")?.form.requestSubmit(), h: toHold };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || busy(event.target) || !lettersOn()) return;
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  if (location.hash === "#hold_reason") toHold();
})();
