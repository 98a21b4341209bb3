// Reads the chart of readings aloud, point by point: the line under it is one stop of the keyboard. Its words are the
// rows of the table beside it; without script the table alone serves.
(() => {
  const parts = (line) => {
    const figure = line.closest("figure");
    const rows = [...line.closest("section").querySelectorAll(".points tr[data-x]")].reverse();
    return { rows, svg: figure.querySelector("svg"), cursor: figure.querySelector(".cursor") };
  };

  const show = (line, number) => {
    const { rows, cursor } = parts(line);
    const at = Math.min(Math.max(number, 1), rows.length), row = rows[at - 1];
    const words = [...row.cells].map((cell) => cell.textContent.trim()).join(" · ");
    line.textContent = words;
    line.setAttribute("aria-valuenow", at);
    line.setAttribute("aria-valuetext", words);
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, row.dataset.x);
    cursor.removeAttribute("hidden");
  };

  const begin = () => {
    for (const line of document.querySelectorAll(".point[hidden]")) {
      if (!parts(line).rows.length) continue;
      line.hidden = false;
      show(line, parts(line).rows.length);
    }
  };

  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  document.addEventListener("keydown", (event) => {
    const line = event.target.closest?.(".point");
    if (!line || event.ctrlKey || event.altKey || event.metaKey) return;
    const now = Number(line.getAttribute("aria-valuenow")), most = Number(line.getAttribute("aria-valuemax"));
    const to = event.key === "Home" ? 1 : event.key === "End" ? most : event.key in steps ? now + steps[event.key] : 0;
    if (!(event.key in steps) && !to) return;
    event.preventDefault();
    show(line, to);
  });

  const nearest = (event) => {
    const svg = event.target.closest?.(".readings-chart svg"), line = svg?.parentElement.querySelector(".point");
    if (!line || line.hidden) return;
    const box = svg.getBoundingClientRect(), x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const away = parts(line).rows.map((row) => Math.abs(row.dataset.x - x));
    show(line, away.indexOf(Math.min(...away)) + 1);
  };
  document.addEventListener("pointermove", nearest);
  document.addEventListener("pointerdown", nearest);
  document.addEventListener("htmx:load", begin);
  begin();
})();
