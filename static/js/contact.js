// A contact pressed on the chart: the telephone or the video room opens, and the form starts the session.
// And a chart that starts the clock by itself: counts its grace down while the page is in sight.
(() => {
  "use strict";
  const LOOK_EVERY = 400, AT_THE_LATEST = 8000;
  // The telephone asks, or takes over the screen: the page stays until it has the focus again, or for a while.
  const leaveFor = (place) => {
    const until = performance.now() + AT_THE_LATEST;
    document.body.dispatchEvent(new Event("clock-changed"));
    const looking = setInterval(() => {
      if (document.hidden || (!document.hasFocus() && performance.now() < until)) return;
      clearInterval(looking);
      location.assign(place);
    }, LOOK_EVERY);
  };
  const dial = (number) => {
    const link = document.createElement("a");
    link.href = number;
    document.body.append(link);
    link.click();
    link.remove();
  };
  const call = async (button) => {
    const sent = { method: "POST", body: window.sending.formData(button.form, button), headers: { "HX-Request": "true", ...window.sending.headers() } };
    dial(button.dataset.dial);
    const reply = await fetch(button.form.action, sent).catch(() => null);
    const place = reply?.headers.get("HX-Redirect");
    if (place) return leaveFor(place);
    // Another clock runs, or something is wrong: that is a page of its own.
    delete button.dataset.dial;
    button.form.requestSubmit(button);
  };
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.dataset.room) window.open(button.dataset.room, "_blank", "noopener");
    if (!button?.dataset.dial) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (button.dataset.dialled) return;
    button.dataset.dialled = "1";
    call(button);
  }, { capture: true });

  // A page brought back from the browser's memory has been pressed already, and may be long out of date.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());

  const opening = document.querySelector("[data-opening]");
  if (!opening) return;
  opening.hidden = false;
  // None was started, here or at all: then nothing more is promised.
  opening.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt === opening && (!detail.successful || detail.xhr.status === 204)) opening.remove();
  });
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
