// A close or an import under way: said aloud at each quarter and at the end, not at every poll.
(() => {
  "use strict";
  const status = document.getElementById("run-status");
  let said = document.getElementById("run")?.dataset.quarter;

  document.addEventListener("htmx:afterSettle", () => {
    const run = document.getElementById("run");
    if (!status || !run) return;
    if (run.dataset.result) {
      status.textContent = run.dataset.result;
    } else if (run.dataset.quarter !== said) {
      status.textContent = `${run.dataset.quarter} % ${run.dataset.doing || "decided"}`;
    }
    said = run.dataset.quarter;
  });
})();
