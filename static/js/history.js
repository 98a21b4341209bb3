// Keys of a record's history: [ and ] to the earlier and later change, D for all or only the changed fields.
(() => {
  "use strict";
  const lettersOn = () => !document.cookie.split("; ").includes("letters=off");
  const typing = (element) => Boolean(element?.closest?.("input, select, textarea, [contenteditable], dialog[open]"));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !lettersOn()) return;
    const link = document.querySelector(`[data-history-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
})();
