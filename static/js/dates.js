// A date that was begun and not finished: browsers send nothing for it, so it is said here, before it would be lost.
(() => {
  "use strict";
  const nameOf = (field) => field.labels?.[0]?.textContent.trim() || "The date";
  const say = (field) => {
    const words = document.createElement("div");
    words.className = "invalid-feedback d-block";
    words.id = `${field.id || field.name}-unfinished`;
    words.textContent = `${nameOf(field)} must be a whole date, like 01/20/2026. Finish it, or empty the field.`;
    field.classList.add("is-invalid");
    field.setAttribute("aria-describedby", words.id);
    field.after(words);
    field.addEventListener("input", () => unsay(field, words), { once: true });
  };
  const unsay = (field, words) => {
    words.remove();
    field.classList.remove("is-invalid");
    field.removeAttribute("aria-describedby");
  };
  // Before every other listener. The clock and the way out do not wait for a date.
  document.addEventListener(
    "submit",
    (event) => {
      if (event.submitter?.matches("[data-clock], .btn-danger")) return;
      const field = [...event.target.elements].find((each) => each.type === "date" && each.validity.badInput);
      if (!field) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!field.matches(".is-invalid")) say(field);
      field.focus();
    },
    { capture: true },
  );
})();
