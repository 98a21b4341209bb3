// The clock in the frame of every page: drawn by the second, and kept alive on the pages of its own patient alone.
// Elsewhere nobody works for that patient: after the limit the server pauses the clock and asks about the time.
(() => {
  "use strict";
  const slot = document.getElementById("clock-pill");
  if (!slot) return;
  const BEAT_EVERY = 5000, LIVE = ["running", "on_call", "asking"];
  const about = document.querySelector("[data-patient]")?.dataset.patient;
  const clock = { state: "", seconds: 0, running: false, at: 0 };
  const pill = () => slot.querySelector(".clock-pill");
  const isHere = () => Boolean(about) && pill()?.dataset.of === about;

  const two = (number) => String(number).padStart(2, "0");
  const onTheClock = (seconds) => {
    const hours = Math.floor(seconds / 3600), minutes = Math.floor((seconds % 3600) / 60);
    return (hours ? `${hours}:` : "") + `${two(minutes)}:${two(seconds % 60)}`;
  };
  const inWords = (seconds) => `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const set = (told) => Object.assign(clock, told, { at: performance.now() });
  const read = () => {
    const data = pill()?.dataset;
    set(data ? { state: data.clockState, seconds: Number(data.seconds), running: data.running === "1" } : { state: "" });
    draw();
  };
  const measured = () => clock.seconds + (clock.running ? Math.floor((performance.now() - clock.at) / 1000) : 0);
  const draw = () => {
    const digits = slot.querySelector("[data-pill-time]");
    if (digits) digits.textContent = onTheClock(measured());
    const line = document.querySelector("[data-this-session]");
    if (!line) return;
    line.hidden = !isHere();
    line.querySelector("b").textContent = inWords(measured());
  };

  let hadInput = false;
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "input"])
    document.addEventListener(kind, () => (hadInput = true), { passive: true, capture: true });

  const beat = async () => {
    if (!isHere() || !LIVE.includes(clock.state)) return;
    const headers = { Accept: "application/json", ...window.sending.headers(), "HX-Request": "true", "X-Background": "1" };
    const input = hadInput;
    hadInput = false;
    if (input || clock.state === "on_call") headers["X-Input"] = "1";
    const reply = await fetch(pill().dataset.heartbeat, { method: "POST", headers, cache: "no-store" }).catch(() => null);
    // Not reached, or busy: the next beat says it again.
    if (!reply?.ok) return (hadInput ||= input);
    const told = await reply.json();
    const turned = told.state !== clock.state;
    if (told.state !== "ended") set(told);
    if (turned) document.body.dispatchEvent(new Event("clock-changed"));
  };

  document.addEventListener("htmx:afterSwap", (event) => event.detail.target === slot && read());
  setInterval(draw, 500);
  setInterval(beat, BEAT_EVERY);
  document.addEventListener("visibilitychange", () => !document.hidden && beat());
})();
