// The review queue by keyboard: J K move, A approve, H hold, Enter open. Everything has a visible control too.
(() => {
  "use strict";
  const table = document.querySelector("[data-queue]");
  if (!table) return;
  const rows = () => [...table.querySelectorAll("[data-row]")];
  const lettersOn = () => !document.cookie.split("; ").includes("letters=off");
  const busy = (element) => element.closest("input, select, textarea, [contenteditable], dialog[open], details[open]");

  const current = () => document.activeElement?.closest?.("[data-row]");
  const go = (step) => {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const open = (row, hash = "") => location.assign(row.dataset.claimUrl + hash);

  const acts = {
    j: () => go(1),
    k: () => go(-1),
    a: (row) => row?.querySelector("[data-approve]")?.requestSubmit(),
    h: (row) => row && open(row, "#hold_reason"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || busy(event.target) || !lettersOn()) return;
    const row = current();
    if (event.key === "Enter" && row && document.activeElement === row) return open(row);
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act(row);
  });
})();
