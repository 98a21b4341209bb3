// A contact pressed on the chart: the telephone or the video room opens, and the form starts the session.
// And a chart that starts the clock by itself: counts its grace down while the page is in sight.
(() => {
  "use strict";
  const DIALLED = 300;
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.dataset.room) window.open(button.dataset.room, "_blank", "noopener");
    if (!button?.dataset.dial || button.dataset.dialled) return;
    // Leaving for the session at once would take the telephone's own question away with the page.
    event.preventDefault();
    event.stopImmediatePropagation();
    button.dataset.dialled = "1";
    location.href = button.dataset.dial;
    setTimeout(() => button.form.requestSubmit(button), DIALLED);
  }, { capture: true });

  const opening = document.querySelector("[data-opening]");
  if (!opening) return;
  opening.hidden = false;
  let left = Number(opening.dataset.opening);
  const counting = setInterval(() => {
    if (!opening.isConnected) return clearInterval(counting);
    if (document.hidden) return;
    left -= 1;
    opening.querySelector("[data-left]").textContent = left;
    if (left > 0) return;
    clearInterval(counting);
    window.htmx.trigger(opening, "grace-over");
  }, 1000);
})();
