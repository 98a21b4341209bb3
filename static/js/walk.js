// J and K walk the rows of a list; Enter opens the one in focus, as links do.
(() => {
  "use strict";
  const links = [...document.querySelectorAll("[data-walk] a[href]")];
  const typing = (element) => Boolean(element?.closest?.("input, select, textarea, dialog[open]"));
  const off = () => document.cookie.split("; ").includes("letters=off");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || off()) return;
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (!step || !links.length) return;
    const here = links.indexOf(document.activeElement);
    const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
    links[Math.min(links.length - 1, Math.max(0, next))].focus();
    event.preventDefault();
  });
})();
