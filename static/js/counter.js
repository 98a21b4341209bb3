// Beside a text with a length: how much is left. The server decides; nothing is cut here.
(() => {
  "use strict";
  const NEAR = 0.8;

  const counterOf = (field) => {
    const id = `${field.id}-left`;
    const there = document.getElementById(id);
    if (there) return there;
    const counter = document.createElement("span");
    counter.id = id;
    counter.className = "length-left";
    field.parentElement.classList.add("has-length");
    field.after(counter);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} ${id}`.trim());
    return counter;
  };

  // Characters as the server counts them: one for each sign, one for each end of a line.
  const lengthOf = (text) => [...text].length;
  const inWords = (number) => number.toLocaleString("en-US");

  const count = (field) => {
    const most = Number(field.dataset.limit);
    const left = most - lengthOf(field.value);
    const counter = counterOf(field);
    counter.textContent = left < 0 ? `${inWords(-left)} too many` : `${inWords(left)} left`;
    counter.classList.toggle("length-over", left < 0);
    counter.hidden = left > most * (1 - NEAR) && document.activeElement !== field;
  };

  for (const kind of ["focusin", "input", "focusout"])
    document.addEventListener(kind, ({ target }) => {
      // Asked once the focus has moved on.
      if (target.dataset?.limit && target.id) kind === "focusout" ? requestAnimationFrame(() => count(target)) : count(target);
    });
})();
